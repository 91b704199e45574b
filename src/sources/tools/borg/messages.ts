/** What borg prints with `--log-json`, as far as we use it. Lenient: what is missing or impossible is absent, never a failure. */
import { z } from 'zod'

const Count = z.int().nonnegative().optional().catch(undefined)
const Text = z.string().optional().catch(undefined)

const LogMessage = z.object({
  type: z.literal('log_message'),
  message: z.string(),
  levelname: z.string().catch('INFO'),
  name: Text,
  /** Only where the message has one; errors always do, warnings since 1.4. */
  msgid: Text,
})
export type LogMessage = z.output<typeof LogMessage>

/** `path` stands for an item of a backup: A added, M modified, U unchanged, C changed while it was read, E error, `-` dry run. */
const FileStatus = z.object({ type: z.literal('file_status'), status: z.string(), path: z.string() })

const ArchiveProgress = z.object({
  type: z.literal('archive_progress'),
  original_size: Count,
  nfiles: Count,
  path: Text,
})

const PercentProgress = z.object({ type: z.literal('progress_percent'), current: Count, total: Count })

const Message = z.discriminatedUnion('type', [LogMessage, FileStatus, ArchiveProgress, PercentProgress])
export type Message = z.output<typeof Message>

/** A line of standard error; undefined for anything that is no such message. Never throws. */
export function parseMessage(line: string): Message | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return Message.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** JSON over several lines, as `--json` prints it; undefined when there is none that can be read. Never throws. */
export function parseDocument(lines: readonly string[]): unknown {
  const start = lines.findIndex((line) => line.startsWith('{'))
  if (start === -1) return undefined
  try {
    return JSON.parse(lines.slice(start).join('\n'))
  } catch {
    return undefined
  }
}
