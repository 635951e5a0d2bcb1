import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

const { asked } = vi.hoisted(() => {
  const asked = vi.fn<(request: Request) => Promise<Response>>();
  vi.stubGlobal("fetch", asked);
  return { asked };
});
vi.mock("@tanstack/react-router", () => ({
  Link: ({ children }: { children: string }) => <a href="#job">{children}</a>,
}));

import { Sync } from "@/features/data/sync";

test("a symbol is synced by a job, which is named", async () => {
  let body: unknown;
  asked.mockImplementation(async (request) => {
    body = await request.json();
    return Response.json({ id: "job-3", state: "queued" }, { status: 202 });
  });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Sync symbols={["EURUSD"]} />
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Sync EURUSD" }));
  expect((await screen.findByRole("status")).textContent).toBe("queued, as the job job-3");
  expect(body).toEqual({ kind: "sync", arguments: { symbols: ["EURUSD"] } });
});
