/** Control characters, line ends and marks of direction would forge or garble lines. */
const unsafe = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu

/** Text from outside, safe to stand in one line of a log or a terminal. */
export const oneLine = (text: string): string => text.replaceAll('\n', ' ').replace(unsafe, '\ufffd')
