/** A progress bar on a terminal. */
import cliProgress from 'cli-progress'
import { oneLine } from '../../system/text.ts'
import { detailsOf, type ProgressView } from './shown.ts'

export function barView(title: string, stream: NodeJS.WriteStream): ProgressView {
  const bar = new cliProgress.SingleBar(
    {
      stream,
      format: `${title} {bar} {percentage}%  {details}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      fps: 8,
      gracefulExit: false,
    },
    cliProgress.Presets.shades_classic,
  )
  let phase = ''
  const begun = performance.now()
  const draw = (share: number, details: string): void => {
    // What is wider than the terminal would wrap and leave a trail of bars behind.
    const room = Math.max(10, (stream.columns ?? 80) - title.length - 30)
    const cut = details.length > room ? `${details.slice(0, room - 1)}…` : details
    if (bar.isActive) bar.update(share, { details: cut })
    else bar.start(100, share, { details: cut })
  }
  return {
    phase(text) {
      phase = oneLine(text)
      draw(phase === 'backing up' ? 0 : 100, phase)
    },
    progress(shown) {
      const share =
        shown.totalBytes === undefined || shown.totalBytes === 0
          ? 0
          : Math.min(100, Math.floor((100 * (shown.bytesDone ?? 0)) / shown.totalBytes))
      draw(share, detailsOf(shown, performance.now() - begun) || phase)
    },
    done() {
      if (bar.isActive) bar.stop()
    },
  }
}
