import { useState } from "react";

import { Reliability } from "@/charts/reliability";
import { TwinButton } from "@/features/signal/parts";
import { type Sample, type Signal, useCalibration } from "@/features/signal/questions";
import { count, interval, number, percent } from "@/lib/format";
import { ENOUGH, Figure } from "@/ui/figure";
import { Panel } from "@/ui/panel";
import { Table } from "@/ui/table";

interface CalibrationProps {
  signal: Signal;
  kind: string | undefined;
  isTable: boolean;
  onToggle: () => void;
}

type Found = NonNullable<ReturnType<typeof useCalibration>["data"]>;
type Bin = Found["items"][number]["bins"][number];

/** What earlier signals of this series said, and how often it came true. */
export function Calibration({ signal, kind, isTable, onToggle }: CalibrationProps) {
  const [sample, setSample] = useState<Sample>("out");
  const query = useCalibration(signal, sample);
  const of = (found: Found) =>
    found.items.find((one) => one.kind === kind) ?? found.items[0] ?? undefined;
  return (
    <Panel
      title="Calibration"
      query={query}
      empty=""
      rows={8}
      note={`pooled, ${signal.symbol} ${signal.timeframe}`}
      summary={(found) => (
        <>
          <span>n {count(of(found)?.n ?? 0)}</span>
          <TwinButton isTable={isTable} onToggle={onToggle} />
        </>
      )}
    >
      {(found) => {
        const one = of(found);
        return (
          <>
            <SampleChoice sample={sample} onSample={setSample} />
            {one && one.bins.length > 0 ? (
              <Shown
                one={one}
                group={found.groups.find((each) => each.kind === one.kind)}
                signal={signal}
                isTable={isTable}
                sample={sample}
              />
            ) : (
              <p className="py-2 text-prose">
                {one ? (
                  <span className="text-ink3">
                    n {count(one.n)}, {one.kind}: under {ENOUGH} outcomes that moved, or on under 10
                    days: too few to draw.
                  </span>
                ) : (
                  `No outcome ${sample === "out" ? "out of" : "in"} sample yet.`
                )}
                {sample === "out" && found.leftOut > 0 && (
                  <>
                    {" "}
                    {count(found.leftOut)} in sample are left out: the pool had learned from them.
                  </>
                )}
              </p>
            )}
          </>
        );
      }}
    </Panel>
  );
}

function SampleChoice({
  sample,
  onSample,
}: {
  sample: Sample;
  onSample: (sample: Sample) => void;
}) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-3 pb-1 text-label text-ink2">
      <legend className="sr-only">Which outcomes</legend>
      {(["out", "in"] as const).map((one) => (
        <label key={one} className="inline-flex min-h-6 items-center gap-1 max-tablet:min-h-11">
          <input
            type="radio"
            name="sample"
            checked={sample === one}
            onChange={() => onSample(one)}
          />
          {one === "out" ? "out of sample" : "in sample"}
        </label>
      ))}
      {sample === "in" && (
        <strong className="font-semibold text-ink1">
          ! in sample: the pool had learned from these, they prove nothing
        </strong>
      )}
    </fieldset>
  );
}

function Shown({
  one,
  group,
  signal,
  isTable,
  sample,
}: {
  one: Found["items"][number];
  group: Found["groups"][number] | undefined;
  signal: Signal;
  isTable: boolean;
  sample: Sample;
}) {
  const kind = sample === "in" ? `${one.kind}, in sample` : one.kind;
  const near = nearest(one.bins, signal.probability);
  if (isTable) {
    return <Bins bins={one.bins} near={near} label={`Calibration, ${kind}, n ${count(one.n)}`} />;
  }
  return (
    <div className="grid grid-cols-[minmax(0,232px)_minmax(0,1fr)] gap-x-3 gap-y-1">
      <Reliability
        bins={one.bins}
        here={{ value: signal.probability, low: signal.low, high: signal.high }}
      />
      <dl className="flex flex-col gap-2 text-body">
        {near && (
          <div>
            <dt className="text-ink3">Said {percent(near.said, 0)}, came true</dt>
            <dd>
              <Figure
                estimate={{
                  value: near.happened,
                  low: near.low,
                  high: near.high,
                  level: 0.95,
                  n: near.n,
                }}
                write={(x) => percent(x, 0)}
                kind={kind}
              />
            </dd>
          </div>
        )}
        {group && (
          <div>
            <dt className="text-ink3">Brier, less is better</dt>
            <dd>
              <Figure estimate={group.brier.loss} write={(x) => number(x, 4)} kind={kind} />
              <span className="text-label text-ink3">
                usual {number(group.brier.baseline.value, 4)}
              </span>
            </dd>
          </div>
        )}
        <div>
          <dt className="text-ink3">Calibration error</dt>
          <dd className="text-ink1">
            {one.error === null ? "–" : `${number(one.error * 100, 1)} pp`}
            <span className="block text-label text-ink3">
              right forecasts show{" "}
              {one.error_by_chance === null ? "–" : `${number(one.error_by_chance * 100, 1)} pp`}, n{" "}
              {count(one.n)}, {kind}
            </span>
          </dd>
        </div>
      </dl>
      <p className="col-span-2 text-label text-ink3">
        Bars: Wilson 95 %. Dashed: too few (n under {ENOUGH}). Gold: this signal and its 90 %.
      </p>
    </div>
  );
}

/** The bin that holds a probability, or the one whose mean is nearest. */
export function nearest(bins: readonly Bin[], p: number): Bin | undefined {
  return (
    bins.find((one) => one.left <= p && p <= one.right) ??
    [...bins].sort((a, b) => Math.abs(a.said - p) - Math.abs(b.said - p))[0]
  );
}

function Bins({
  bins,
  near,
  label,
}: {
  bins: readonly Bin[];
  near: Bin | undefined;
  label: string;
}) {
  return (
    <Table
      label={label}
      rows={bins}
      keyOf={(one) => String(one.left)}
      isCurrent={(one) => one === near}
      isQuiet={(one) => one.n < ENOUGH}
      columns={[
        { key: "said", head: "Said", cell: (one) => percent(one.said), isNumber: true },
        { key: "came", head: "Came true", cell: (one) => percent(one.happened), isNumber: true },
        {
          key: "wilson",
          head: "Wilson 95 %",
          isNumber: true,
          cell: (one) => interval(one.low * 100, one.high * 100, (x) => number(x, 1)),
        },
        {
          key: "n",
          head: "n",
          isNumber: true,
          cell: (one) => `${count(one.n)}${one.n < ENOUGH ? ", too few" : ""}`,
        },
      ]}
    />
  );
}
