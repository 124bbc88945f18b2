export declare function versionProblem(version: string, stripsTypes: unknown): string | undefined;
