import { type ComponentProps, useState } from "react";

import { useExplanation, useSignal } from "@/api/queries";
import { Analyst } from "@/features/signal/analyst";
import { Calibration } from "@/features/signal/calibration";
import { Change } from "@/features/signal/change";
import { Evidence } from "@/features/signal/evidence";
import { Gate } from "@/features/signal/gate";
import { Proof } from "@/features/signal/proof";
import { Provenance } from "@/features/signal/provenance";
import {
  type Explanation,
  type Signal,
  useInstrument,
  useOutcome,
  useSeries,
} from "@/features/signal/questions";
import { Similar } from "@/features/signal/similar";
import { Since } from "@/features/signal/since";
import { staleness } from "@/features/signal/stale";
import { around, Steps } from "@/features/signal/steps";
import { Verdict } from "@/features/signal/verdict";
import { Warnings } from "@/features/signal/warnings";
import { Weights } from "@/features/signal/weights";
import { copied, moneyOf } from "@/features/signal/words";
import { useNow } from "@/lib/now";
import { usePreferences } from "@/lib/preferences";
import { useShortcuts } from "@/lib/shortcuts";
import { Panel } from "@/ui/panel";

interface SignalViewProps {
  id: string;
  timeZone: string;
  /** Opens another signal. */
  onSignal: (id: string) => void;
  /** Goes on to the next one of the series. */
  onStep: (id: string) => void;
}

/** One signal: what it says, why, how that is known, and what came of it. */
export function SignalView({ id, ...rest }: SignalViewProps) {
  const query = useSignal(id);
  if (!query.data) {
    return (
      <Panel title="Signal" query={query} empty="" rows={12} note={<code>{id}</code>}>
        {() => null}
      </Panel>
    );
  }
  return <Whole signal={query.data} query={query} {...rest} />;
}

interface WholeProps extends Omit<SignalViewProps, "id"> {
  signal: Signal;
  query: ReturnType<typeof useSignal>;
}

const COPIED_MS = 2000;

function Whole({ signal, query, timeZone, onSignal, onStep }: WholeProps) {
  const [isTable, setTable] = useState(false);
  const [isCopied, setCopied] = useState(false);
  const { letters } = usePreferences();
  const explanation = useExplanation(signal.id);
  const outcome = useOutcome(signal);
  const place = around(useSeries(signal).data, signal.id);
  const instrument = useInstrument(signal.symbol).data;
  const money = moneyOf(instrument);
  const copy = async () => {
    await navigator.clipboard.writeText(copied(signal));
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  const toggle = () => setTable((is) => !is);
  useShortcuts(
    {
      "[": () => place?.before && onStep(place.before.id),
      "]": () => place?.after && onStep(place.after.id),
      t: toggle,
      y: () => void copy(),
    },
    letters,
  );
  const twin = { isTable, onToggle: toggle };
  const kind = outcome.data?.kind;
  return (
    <>
      <Warnings warnings={explanation.data?.how.warnings ?? []} isInSample={signal.in_sample} />
      <Headline
        signal={signal}
        money={money}
        timeZone={timeZone}
        kind={kind}
        since={explanation.data?.since}
        isOpen={instrument?.session.is_open === true}
      >
        <Steps
          signal={signal}
          around={place}
          copied={isCopied}
          onStep={onStep}
          onCopy={() => void copy()}
        />
      </Headline>
      <div className="grid gap-2 desktop:grid-cols-12">
        <Evidence query={query} {...twin} className="desktop:col-span-8" />
        <div className="flex min-w-0 flex-col gap-2 desktop:col-span-4">
          <Calibration signal={signal} kind={kind} {...twin} />
          <Since
            explanation={explanation.data}
            query={outcome}
            money={money}
            timeZone={timeZone}
            className="grow"
          />
        </div>
        <div className="flex min-w-0 flex-col gap-2 desktop:col-span-6">
          <Analyst query={query} explanation={explanation.data} timeZone={timeZone} />
          <Change query={explanation} className="grow" />
        </div>
        <Gate query={explanation} signal={signal} className="desktop:col-span-6" />
      </div>
      <div className="grid gap-2 tablet:grid-cols-2 desktop:grid-cols-3">
        <Weights query={explanation} />
        <Similar query={explanation} timeZone={timeZone} onOpen={onSignal} />
        <Proof query={explanation} timeZone={timeZone} className="tablet:max-desktop:col-span-2" />
      </div>
      <Provenance query={explanation} timeZone={timeZone} />
    </>
  );
}

interface HeadlineProps extends Omit<ComponentProps<typeof Verdict>, "stale"> {
  since: Explanation["since"] | undefined;
  isOpen: boolean;
}

/** The verdict, which alone follows the clock. */
function Headline({ since, isOpen, ...rest }: HeadlineProps) {
  return <Verdict {...rest} stale={staleness(rest.signal, since, isOpen, useNow())} />;
}
