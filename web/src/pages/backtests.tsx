import { Link, useNavigate, useParams } from "@tanstack/react-router";

import { Backtests } from "@/features/backtests/list";
import { OneBacktest } from "@/features/backtests/one";

/** Every backtest, or the report of one. */
export default function BacktestsPage() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  if (!id) {
    return (
      <Backtests
        onOpen={(trial) => void navigate({ to: "/backtests/$id", params: { id: trial } })}
      />
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <nav aria-label="Back">
        <Link
          to="/backtests"
          className="inline-flex min-h-6 items-center text-ink2 underline decoration-control underline-offset-2"
        >
          All backtests
        </Link>
      </nav>
      <OneBacktest key={id} trial={id} />
    </div>
  );
}
