/** borg has neither tags nor a host that one can choose: Muster keeps both in the comment of the archive. */
import { z } from 'zod'
import { literally } from './command-text.ts'

const mark = 'muster '

const Noted = z.object({
  host: z.string().optional().catch(undefined),
  tags: z.array(z.string()).optional().catch(undefined),
})

/** `muster {"host":"nas","tags":["daily"]}`; empty where there is nothing to note. */
export function writeComment(noted: { readonly host?: string | undefined; readonly tags: readonly string[] }): string {
  const { host, tags } = noted
  if (host === undefined && tags.length === 0) return ''
  return literally(
    `${mark}${JSON.stringify({ ...(host !== undefined && { host }), ...(tags.length > 0 && { tags }) })}`,
  )
}

/** What a comment notes; nothing, for one that somebody else wrote. Never throws. */
export function readComment(comment: string): { readonly host?: string; readonly tags: readonly string[] } {
  if (!comment.startsWith(`${mark}{`)) return { tags: [] }
  try {
    const { host, tags = [] } = Noted.parse(JSON.parse(comment.slice(mark.length)))
    return { tags, ...(host !== undefined && { host }) }
  } catch {
    return { tags: [] }
  }
}
