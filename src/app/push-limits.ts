/** How much of what a push writes over is kept: more is refused, and so is the push. */
export const mostBundle = 64 * 1024 * 1024
