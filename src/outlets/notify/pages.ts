/** Messages that take several posts: every entry is named in one of them. */
import type { Message } from '../../model/delivery.ts'
import type { SendIo, Sent } from './notifier.ts'
import { type Post, post } from './post.ts'
import { pagesOf } from './words.ts'

/**
 * Posts a message page by page; the first that is not taken ends it, and a later try begins anew.
 *
 * @param mostBytes Of the text of a page.
 * @param make The post of one page: its text, the title (with the number of the page where there are several), and which it is, from 1.
 */
export async function postPages(
  message: Message,
  mostBytes: number,
  io: SendIo,
  make: (page: string, title: string, at: number, count: number) => Post,
): Promise<Sent> {
  const pages = pagesOf(message, mostBytes)
  let last: Sent = { ok: true, answer: '' }
  for (const [index, page] of pages.entries()) {
    const of = pages.length > 1 ? ` (${index + 1}/${pages.length})` : ''
    last = await post(make(page, `${message.title}${of}`, index + 1, pages.length), io)
    if (!last.ok) return last
  }
  return last
}
