/** A real service over a workspace of its own, in a process that is stopped at the end. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const ROOT = resolve(import.meta.dirname, "../..");
const PYTHON = process.env.ASSAY_PYTHON ?? join(ROOT, ".venv/bin/python");
export const SEED = process.env.SEEDED ?? join(tmpdir(), "assay-e2e-seed");
export const OWNER = { name: "ada", password: "a long enough pass 42" };

export interface Service {
  address: string;
  token: string | null;
  home: string;
  stop: () => Promise<void>;
  /** End it without a word, as a crash would. */
  kill: () => Promise<void>;
}

/** Make the workspace that all others are copied from. */
export function seed(): void {
  execFileSync(PYTHON, ["-W", "error::SyntaxWarning", join(ROOT, "web/e2e/seed.py"), SEED], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}

/** Serve a copy of the seeded workspace, or an empty one, or the one at `home` again. */
export async function serve({
  empty = false,
  flags = [],
  home,
  port,
}: { empty?: boolean; flags?: string[]; home?: string; port?: number } = {}): Promise<Service> {
  const folder = home ?? mkdtempSync(join(tmpdir(), "assay-e2e-"));
  if (!empty && home === undefined) cpSync(SEED, folder, { recursive: true });
  const at = port ?? (await freePort());
  const words = [
    "-m",
    "assay",
    "--home",
    folder,
    "serve",
    "--json",
    "--port",
    String(at),
    ...flags,
  ];
  const child = spawn(PYTHON, words, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const said: string[] = [];
  child.stderr.on("data", (text: Buffer) => said.push(text.toString()));
  const line = await firstLine(child, said);
  const told = JSON.parse(line) as { address?: string };
  if (told.address === undefined) throw new Error(`the service did not begin: ${line}`);
  const [address = "", token = null] = told.address.split("/#owner=");
  const end = (signal: NodeJS.Signals) => async () => {
    const gone = new Promise((done) => child.once("exit", done));
    if (child.exitCode === null) {
      child.kill(signal);
      await gone;
    }
  };
  const stop = end("SIGTERM");
  return {
    address,
    token,
    home: folder,
    kill: end("SIGKILL"),
    stop: async () => {
      await stop();
      if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess, said: string[]): Promise<string> {
  if (!child.stdout) throw new Error("the service has no output");
  const lines = createInterface(child.stdout);
  return new Promise((done, failed) => {
    lines.once("line", done);
    child.once("exit", (code) =>
      failed(new Error(`the service ended with ${code}: ${said.join("").slice(-2000)}`)),
    );
  });
}
