/**
 * Fills the project of a first start with something to look at, through the same API that everybody
 * uses. Called again at the next start when it fails, so what is already there must not disturb it.
 */
export async function seedDemo(_instance: { url: string; adminKey: string }): Promise<void> {}
