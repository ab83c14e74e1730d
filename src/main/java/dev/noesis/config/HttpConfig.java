package dev.noesis.config;

/**
 * Where a worker serves its health and its metrics.
 *
 * @param host the address, or its name, that is listened on
 * @param port 0: any that is free; {@value #OFF}: nothing is served
 */
public record HttpConfig(String host, int port) {
    static final Range PORT = new Range(HttpConfig.OFF, 65_535);
    private static final int OFF = -1;

    /** @throws IllegalArgumentException that names the first key whose value is not legal, and what is */
    public HttpConfig {
        Legal.NOT_BLANK.check(Keys.HTTP_HOST, host);
        PORT.check(Keys.HTTP_PORT, port);
    }

    public boolean isOn() {
        return port != OFF;
    }
}
