package dev.tributary.config;

import java.util.Map;

/** Reads the environment form of a configuration. */
final class ConfigEnvironment {
  private ConfigEnvironment() {}

  static ClientConfig.Builder read(Map<String, String> variables) {
    throw new AssertionError(variables.keySet());
  }
}
