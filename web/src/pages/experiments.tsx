import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { Compare } from "@/features/experiments/compare";
import { Launch } from "@/features/experiments/launch";
import { Runs } from "@/features/experiments/list";
import { OneRun, RestOfRun } from "@/features/experiments/one";

/** What was tried, what came of it, and what the gate said. */
export default function ExperimentsPage() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [family, setFamily] = useState("");
  const choose = (one: string) =>
    setChosen((those) =>
      those.includes(one) ? those.filter((each) => each !== one) : [...those, one],
    );
  const column = "flex min-w-0 flex-col gap-2";
  return (
    <div
      className={`grid grid-cols-1 items-start gap-2 ${id ? "desktop:grid-cols-[7fr_5fr] desktop:grid-rows-[auto_1fr]" : ""}`}
    >
      {id && (
        <Link
          to="/experiments"
          className="inline-flex min-h-6 items-center text-ink2 underline decoration-control underline-offset-2 desktop:hidden"
        >
          All runs
        </Link>
      )}
      <div className={`${column} ${id ? "max-desktop:hidden" : ""}`}>
        <Launch />
        {chosen.length > 1 && <Compare ids={chosen} onClear={() => setChosen([])} />}
        <Runs
          selected={id}
          chosen={chosen}
          onChoose={choose}
          onOpen={(one) => void navigate({ to: "/experiments/$id", params: { id: one } })}
          family={family}
          onFamily={setFamily}
        />
      </div>
      {id && (
        <div className={`${column} desktop:col-start-2 desktop:row-span-2 desktop:row-start-1`}>
          <OneRun key={id} id={id} />
        </div>
      )}
      {id && (
        <div className={`${column} desktop:col-start-1`}>
          <RestOfRun key={id} id={id} />
        </div>
      )}
    </div>
  );
}
