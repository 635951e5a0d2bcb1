import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { useFreeKeys } from "@/features/symbol/keys";

function Page({ onSpace, onPress }: { onSpace: () => void; onPress: () => void }) {
  useFreeKeys({ Space: onSpace }, true);
  return <button onClick={onPress}>End replay</button>;
}

test("Space steps the replay, but on a button it presses the button", async () => {
  const step = vi.fn();
  const press = vi.fn();
  render(<Page onSpace={step} onPress={press} />);

  await userEvent.keyboard(" ");
  expect(step).toHaveBeenCalledTimes(1);

  screen.getByRole("button").focus();
  await userEvent.keyboard(" ");
  expect(press).toHaveBeenCalledTimes(1);
  expect(step).toHaveBeenCalledTimes(1);
});
