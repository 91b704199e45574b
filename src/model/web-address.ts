/** Addresses of servers that are asked over HTTP. */
import { z } from 'zod'

const protocol = /^https?$/

/** Whether a text is an address with http or https, whatever else stands in it. */
export const isWebAddress = (text: string): boolean => z.url({ protocol }).safeParse(text).success

/**
 * An address of http or https, without a login. What is no address is told as that alone.
 * @param example Shown where it is none.
 * @param instead Where a login belongs, such as `, and give token`.
 */
export const webAddress = (example: string, instead = '') =>
  z
    .url({ protocol, error: `Write an address, such as ${example}`, abort: true })
    .refine((text) => URL.parse(text)?.username === '' && URL.parse(text)?.password === '', {
      error: 'holds a user or a password',
      params: { next: `Take them out${instead}.` },
    })
