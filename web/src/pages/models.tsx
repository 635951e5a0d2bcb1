import { useNavigate, useParams } from "@tanstack/react-router";

import { ModelCard } from "@/features/models/card";
import { Models } from "@/features/models/list";
import { Gap, RecordOfMembers } from "@/features/models/record";

/** What is trained, how it does, and the card of one. */
export default function ModelsPage() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const open = (one: string) => void navigate({ to: "/models/$id", params: { id: one } });
  return (
    <div className={`grid items-start gap-2 ${id ? "desktop:grid-cols-[5fr_4fr]" : ""}`}>
      <div className="flex min-w-0 flex-col gap-2">
        <Models selected={id} onOpen={open} />
        <RecordOfMembers />
        <Gap />
      </div>
      {id && <ModelCard key={id} id={id} />}
    </div>
  );
}
