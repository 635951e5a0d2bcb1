import { Navigate, useNavigate, useParams } from "@tanstack/react-router";

import { useInstruments } from "@/api/queries";
import { SymbolView } from "@/features/symbol/symbol-view";
import { isTimeframe, usual } from "@/features/symbol/timeframes";
import { Panel } from "@/ui/panel";

/** One symbol; without a name the first there is, without a length of bar the usual one. */
export default function Page() {
  const { symbol, timeframe } = useParams({ strict: false });
  const navigate = useNavigate();
  if (symbol === undefined || !isTimeframe(timeframe)) return <Usual symbol={symbol} />;
  return (
    <SymbolView
      key={`${symbol} ${timeframe}`}
      named={{ symbol, timeframe }}
      onTimeframe={(to) =>
        void navigate({ to: "/symbol/$symbol/$timeframe", params: { symbol, timeframe: to } })
      }
      onSignal={(id) => void navigate({ to: "/signal/$id", params: { id } })}
    />
  );
}

function Usual({ symbol }: { symbol: string | undefined }) {
  const instruments = useInstruments();
  return (
    <>
      <h1 className="sr-only">{symbol ?? "Symbol"}</h1>
      <Panel
        title={symbol ?? "Symbol"}
        query={instruments}
        empty={
          <p>
            No bars are stored yet. Bring some in with <code>assay data import</code>, or try{" "}
            <code>assay demo</code>: a simulated market in about three minutes.
          </p>
        }
      >
        {(all) => {
          const one = symbol ? all.find((each) => each.symbol === symbol) : all[0];
          const timeframe = one && usual(one.series);
          if (!one || !timeframe) {
            return (
              <p className="text-prose">
                No bars of {symbol} are stored. Choose another with <kbd>/</kbd>.
              </p>
            );
          }
          return (
            <Navigate
              replace
              to="/symbol/$symbol/$timeframe"
              params={{ symbol: one.symbol, timeframe }}
            />
          );
        }}
      </Panel>
    </>
  );
}
