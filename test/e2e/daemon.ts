/** `muster serve` as a user starts it, on a free port, and its metrics read back. */
import type { ChildProcess } from 'node:child_process'
import { until } from '../real/wait.ts'
import { type Ended, ended, type Workspace } from './workspace.ts'

export interface Daemon extends AsyncDisposable {
  readonly child: ChildProcess
  /** `http://127.0.0.1:43210/`. */
  readonly url: string
  /** How it ended, once it did. */
  readonly end: Promise<Ended>
  text(): Promise<string>
  /** Every sample, by name and labels as written: `muster_repository_up{repository="one"}`. */
  metrics(): Promise<ReadonlyMap<string, number>>
  /** Sends a signal and waits for the end. */
  stop(signal: NodeJS.Signals): Promise<Ended>
}

const mostWaitMs = 60_000

/** Starts it and waits for its page. */
export async function startServe(
  space: Pick<Workspace, 'start'>,
  args: readonly string[] = ['serve', '--listen', '127.0.0.1:0'],
  env: NodeJS.ProcessEnv = {},
): Promise<Daemon> {
  const child = space.start(args, env)
  let url: string | undefined
  let gone = false
  child.stdout?.on('data', (data: Buffer) => {
    url ??= /http:\/\/\S+\//.exec(data.toString())?.[0]
  })
  const end = ended(child).finally(() => {
    gone = true
  })
  await until('the page is up', () => url !== undefined || gone, mostWaitMs)
  if (url === undefined) throw new Error(`serve ended: ${JSON.stringify(await end)}`)
  const page = url
  const text = async (): Promise<string> => (await fetch(`${page}metrics`)).text()
  return {
    child,
    url,
    end,
    text,
    metrics: async () => samplesOf(await text()),
    stop(signal) {
      child.kill(signal)
      return end
    },
    async [Symbol.asyncDispose]() {
      if (!gone) child.kill('SIGKILL')
      await end
    },
  }
}

function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

/** Names of the families in a text, by their TYPE line. */
export const familiesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name).sort()
