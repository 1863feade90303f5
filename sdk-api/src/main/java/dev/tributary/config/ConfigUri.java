package dev.tributary.config;

/** Reads the URI form of a configuration. */
final class ConfigUri {
  private ConfigUri() {}

  static ClientConfig.Builder parse(String uri) {
    throw new AssertionError(uri);
  }
}
