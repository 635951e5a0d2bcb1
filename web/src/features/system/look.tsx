import { useSettings } from "@/features/system/questions";
import { prefer, type Preferences, usePreferences } from "@/lib/preferences";
import { Frame, Panel } from "@/ui/panel";

const CHOICES: readonly [
  label: string,
  key: "theme" | "zone" | "sides",
  options: readonly (readonly [string, string])[],
][] = [
  [
    "Theme",
    "theme",
    [
      ["system", "of the system"],
      ["dark", "dark"],
      ["light", "light"],
    ],
  ],
  [
    "Times",
    "zone",
    [
      ["utc", "UTC"],
      ["local", "local"],
      ["exchange", "of the exchange"],
    ],
  ],
  [
    "Up and down",
    "sides",
    [
      ["blue-up", "blue up, orange down"],
      ["swapped", "orange up, blue down"],
    ],
  ],
];

/** How this browser shows things; nothing of it leaves the browser. */
export function Look() {
  const preferences = usePreferences();
  return (
    <Frame title="How it looks" note="kept in this browser">
      <div className="flex flex-wrap gap-4">
        {CHOICES.map(([label, key, options]) => (
          <label key={key} className="flex flex-col gap-1 text-label text-ink3">
            {label}
            <select
              value={preferences[key]}
              onChange={(event) => prefer({ [key]: event.target.value } as Partial<Preferences>)}
              className="min-h-7 rounded-control border border-control bg-inset px-2 text-body text-ink1"
            >
              {options.map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
    </Frame>
  );
}

/** A setting in words: of several things each, of nothing a dash. */
function said(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(said).join(", ") || "none";
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([name, one]) => `${name.replaceAll("_", " ")} ${said(one)}`)
      .join("; ");
  }
  return String(value);
}

/** What the workspace is set to; of secrets only whether they are set. */
export function Settings() {
  const settings = useSettings();
  return (
    <Panel
      title="Settings"
      note="of assay.toml and the environment; changed there"
      query={settings}
      empty=""
    >
      {(found) => (
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
          {Object.entries(found).map(([name, value]) => (
            <div key={name} className="contents">
              <dt className="text-ink3">{name.replaceAll("_", " ")}</dt>
              <dd className="min-w-0 break-words text-ink1">{said(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}
