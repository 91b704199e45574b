/** Messages that take several posts: every entry is named in one of them. */
import type { Outgoing, SendIo, Sent } from './notifier.ts'
import { type Post, post } from './post.ts'
import { pagesOf } from './words.ts'

/**
 * Posts a message page by page; the first that is not taken ends it, and a later try goes on there.
 *
 * @param mostBytes Of the text of a page.
 * @param make The post of one page: its text, the title (with the number of the page where there are several), and which it is, from 1.
 */
export async function postPages(
  { message, parts: earlier = [] }: Pick<Outgoing, 'message' | 'parts'>,
  mostBytes: number,
  io: SendIo,
  make: (page: string, title: string, at: number, count: number) => Post,
): Promise<Sent> {
  const pages = pagesOf(message, mostBytes)
  // All of it together takes no longer than one try may.
  const end = AbortSignal.timeout(io.timeLimitMs)
  const within = { ...io, signal: AbortSignal.any([io.signal, end]) }
  const parts = [...earlier]
  let last: Sent = { ok: true, answer: '' }
  for (const [index, page] of pages.entries()) {
    const name = `${index + 1}/${pages.length}`
    if (parts.includes(name)) continue
    last = await post(
      make(page, `${message.title}${pages.length > 1 ? ` (${name})` : ''}`, index + 1, pages.length),
      within,
    )
    if (!last.ok) return parts.length === 0 ? last : { ...last, parts }
    parts.push(name)
  }
  return last
}
