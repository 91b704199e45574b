/** Tells a person how the tools come along: one line a tool; on a terminal the line lives while it loads. */
export interface Report {
  progress(name: string, doneBytes: number, totalBytes: number | undefined): void
  /** Ends the tool's line. */
  done(name: string, ...words: readonly string[]): undefined
  failed(name: string): void
  note(line: string): void
}

/** What a report needs of a stream: `process.stderr` has it. */
export interface ReportStream {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export function openReport(stream: ReportStream): Report {
  const wipe = stream.isTTY ? '\r\u001b[K' : ''
  const label = (name: string) => `muster: tool ${name.padEnd(18)}`
  return {
    progress(name, doneBytes, totalBytes) {
      if (!stream.isTTY) return
      const share = totalBytes === undefined ? '' : ` ${Math.floor((doneBytes / totalBytes) * 100)} %`
      stream.write(`${wipe}${label(name)} ${(doneBytes / 1e6).toFixed(1)} MB${share}`)
    },
    done(name, ...words) {
      stream.write(`${wipe}${label(name)} ${words.join(', ')}\n`)
      return undefined
    },
    failed(name) {
      stream.write(`${wipe}${label(name)} not there\n`)
    },
    note(line) {
      stream.write(`${wipe}muster: ${line}\n`)
    },
  }
}
