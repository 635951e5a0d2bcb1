import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";

const { asked } = vi.hoisted(() => {
  const asked = vi.fn<(request: Request) => Promise<Response>>();
  vi.stubGlobal("fetch", asked);
  return { asked };
});
vi.mock("@tanstack/react-router", () => ({
  Link: ({ children }: { children: string }) => <a href="#job">{children}</a>,
}));

import { Launch } from "@/features/experiments/launch";

const shown = async () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Launch />
    </QueryClientProvider>,
  );
  await userEvent.click(screen.getByRole("button", { name: "Launch" }));
};

beforeEach(() => {
  asked.mockReset();
});

test("an experiment is started as it was written, and its job is named", async () => {
  let body: unknown;
  asked.mockImplementation(async (request) => {
    body = await request.json();
    return Response.json({ id: "job-7" }, { status: 202 });
  });
  await shown();
  expect(screen.getByRole("button", { name: "Run it" }).hasAttribute("disabled")).toBe(true);
  await userEvent.type(screen.getByRole("textbox"), "name: mine");
  await userEvent.click(screen.getByRole("button", { name: "Run it" }));
  expect((await screen.findByRole("link")).textContent).toBe("job-7");
  expect(body).toEqual({ kind: "experiment", arguments: { text: "name: mine" } });
});

test("what is wrong with it is told as the service said it, and the text stays", async () => {
  asked.mockResolvedValue(
    Response.json({ detail: "experiment.yaml: model.name is unknown" }, { status: 422 }),
  );
  await shown();
  await userEvent.type(screen.getByRole("textbox"), "name: mine");
  await userEvent.click(screen.getByRole("button", { name: "Run it" }));
  expect((await screen.findByRole("alert")).textContent).toBe(
    "experiment.yaml: model.name is unknown",
  );
  expect(screen.getByRole("textbox")).toHaveProperty("value", "name: mine");
});
