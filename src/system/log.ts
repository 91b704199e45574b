/** The log of the daemon: one JSON object a line on standard error, or plain lines for a person. */
import { pino, stdSerializers } from 'pino'

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface Log {
  debug(facts: object, text: string): void
  info(facts: object, text: string): void
  warn(facts: object, text: string): void
  error(facts: object, text: string): void
}

/** Control characters, line ends and bidirectional marks in a text would forge or garble lines (test I15). */
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g
export const oneLine = (text: string): string => text.replaceAll('\n', ' ').replace(unsafe, '\ufffd')

export function openLog(
  level: LogLevel,
  style: 'json' | 'plain',
  stream: { write(text: string): unknown } = process.stderr,
): Log {
  if (style === 'plain') return plainLog(level, stream)
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    },
    stream,
  )
}

function plainLog(level: LogLevel, stream: { write(text: string): unknown }): Log {
  const least = logLevels.indexOf(level)
  const line = (at: (typeof logLevels)[number]) => (_facts: object, text: string) => {
    if (logLevels.indexOf(at) < least) return
    stream.write(`${new Date().toISOString().slice(11, 19)} ${at === 'info' ? '' : `${at}: `}${oneLine(text)}\n`)
  }
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}
