package dev.tributary.examples.bench;

import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.examples.program.Setting;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure, and how long.
 *
 * @param backends in this order
 * @param uri of a server that runs; null to start one for each backend
 * @param seconds of each measurement
 * @param warmUps rounds that are not counted
 * @param rounds that are
 * @param inFlight calls side by side, jobs held by a consumer
 * @param payloadBytes of every event, job and value
 * @param taken messages of one subscription, jobs of one consumer
 * @param only the operation, null for all
 */
record Settings(
    List<Backend> backends, @Nullable String uri, double seconds, int warmUps, int rounds,
    int inFlight, int payloadBytes, int taken, @Nullable String only) {
  static Settings fromSystemProperties() {
    String uri = Setting.text("uri");
    String only = Setting.text("only");
    if (only != null && !Operation.labels().contains(only)) {
      throw InvalidRequestException.of("no operation is named \"" + only + "\"", "There are " + Operation.labels());
    }
    String backends = uri == null ? Setting.text("backend") : ClientConfig.parse(uri).backend();
    return new Settings(
        backends == null ? Backend.ALL : Arrays.stream(backends.split(",")).map(Settings::backend).toList(),
        uri,
        Setting.seconds("seconds", 2),
        Setting.number("warmups", 1, 0),
        Setting.number("rounds", 3, 1),
        Setting.number("inflight", 64, 1),
        Setting.number("bytes", 256, 1),
        Setting.number("taken", 20_000, 1),
        only);
  }

  private static Backend backend(String name) {
    return Backend.ALL.stream()
        .filter(backend -> backend.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                InvalidRequestException.of(
                    "nothing is measured of a backend named \"" + name + "\"", "There are " + Backend.ALL.stream().map(Backend::name).toList()));
  }
}
