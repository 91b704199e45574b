/** What a person sees while something runs: a bar on a terminal, plain lines in a pipe. */
import { oneLine } from '../../system/text.ts'
import { detailsOf, type ProgressView } from './shown.ts'

/** In a pipe, a plain line at most this often. */
const lineEveryMs = 10_000

/** The bar is loaded only where there is a terminal: cron pays for none. */
export async function openProgress(title: string, stream: NodeJS.WriteStream): Promise<ProgressView> {
  if (stream.isTTY !== true) return lineView(title, stream)
  const { barView } = await import('./bar.ts')
  return barView(title, stream)
}

export const silentProgress: ProgressView = { phase() {}, progress() {}, done() {} }

function lineView(title: string, stream: NodeJS.WriteStream): ProgressView {
  let last = performance.now()
  const begun = last
  return {
    phase: (text) => void stream.write(`${title}: ${oneLine(text)}\n`),
    progress(shown) {
      if (performance.now() - last < lineEveryMs) return
      last = performance.now()
      stream.write(`${title}: ${detailsOf(shown, last - begun)}\n`)
    },
    done() {},
  }
}
