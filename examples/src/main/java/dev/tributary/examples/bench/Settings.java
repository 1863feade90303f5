package dev.tributary.examples.bench;

import dev.tributary.config.ClientConfig;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure, and how long.
 *
 * @param backends in this order
 * @param uri of a server that runs; null to start one for each backend
 * @param seconds of each measurement
 * @param rounds that are counted; one before them warms up
 * @param inFlight calls side by side, jobs held by a consumer
 * @param payloadBytes of every event, job and value
 * @param taken messages of one subscription, jobs of one consumer
 * @param only the operation, null for all
 */
record Settings(
    List<Backend> backends, @Nullable String uri, double seconds, int rounds,
    int inFlight, int payloadBytes, int taken, @Nullable String only) {
  static Settings fromSystemProperties() {
    String uri = System.getProperty("uri", "");
    String only = System.getProperty("only", "");
    if (!only.isEmpty() && !Operation.labels().contains(only)) {
      throw new IllegalArgumentException("no operation is named \"" + only + "\", but these are: " + Operation.labels());
    }
    String backends = uri.isEmpty() ? setting("backend", "") : ClientConfig.parse(uri).backend();
    return new Settings(
        backends.isEmpty() ? Backend.ALL : Arrays.stream(backends.split(",")).map(Settings::backend).toList(),
        uri.isEmpty() ? null : uri,
        Double.parseDouble(setting("seconds", "2")),
        Integer.parseInt(setting("rounds", "3")),
        Integer.parseInt(setting("inflight", "64")),
        Integer.parseInt(setting("bytes", "256")),
        Integer.parseInt(setting("taken", "20000")),
        only.isEmpty() ? null : only);
  }

  private static Backend backend(String name) {
    return Backend.ALL.stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no backend is named \"" + name + "\", but these are: " + Backend.ALL.stream().map(Backend::name).toList()));
  }

  private static String setting(String name, String otherwise) {
    String value = System.getProperty(name, "");
    return value.isEmpty() ? otherwise : value;
  }
}
