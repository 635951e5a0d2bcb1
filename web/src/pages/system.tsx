import { Audit } from "@/features/system/audit";
import { Health, Versions } from "@/features/system/health";
import { Look, Settings } from "@/features/system/look";
import { Sessions } from "@/features/system/sessions";
import { Tokens } from "@/features/system/tokens";

/** Health, versions, who may do what, and how it looks. */
export default function SystemPage() {
  return (
    <div className="grid items-start gap-2 desktop:grid-cols-2">
      <div className="flex min-w-0 flex-col gap-2">
        <Health />
        <Sessions />
        <Tokens />
        <Audit />
      </div>
      <div className="flex min-w-0 flex-col gap-2">
        <Look />
        <Versions />
        <Settings />
      </div>
    </div>
  );
}
