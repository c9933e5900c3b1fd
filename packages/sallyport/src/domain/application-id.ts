// SQLite's own mark of a file format: what carries it is Sallyport's, under whatever name it is opened.

/** The application id of the state and its lock: the bytes `SALP`. */
export const applicationId = 0x53_41_4c_50;
