/** The log as plain lines for a person; `json-log.ts` has the other one, which most commands need not load. */
import { oneLine } from './text.ts'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogStream {
  write(text: string): unknown
}

export interface Log {
  debug(facts: object, text: string): void
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

export function openLog(level: LogLevel, stream: LogStream = process.stderr): Log {
  const least = logLevels.indexOf(level)
  const line = (at: (typeof logLevels)[number]) => (_facts: object, text: string) => {
    if (logLevels.indexOf(at) < least) return
    stream.write(`${new Date().toISOString().slice(11, 19)} ${at === 'info' ? '' : `${at}: `}${oneLine(text)}\n`)
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
