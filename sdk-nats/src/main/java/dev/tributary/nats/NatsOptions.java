package dev.tributary.nats;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Endpoint;
import dev.tributary.error.InvalidRequestException;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What only NATS can be told; see {@link NatsProvider}.
 *
 * @param replicas on how many nodes what is made is kept; empty for what the server's cluster suggests
 * @param credentialsFile a file of credentials, or null
 */
record NatsOptions(OptionalInt replicas, @Nullable String credentialsFile) {
  private static final int MOST_REPLICAS = 5;
  private static final Set<String> KNOWN = Set.of("creds", "replicas");

  /** Refuses what cannot be meant. */
  static NatsOptions of(ClientConfig config) {
    Map<String, String> given = config.options();
    Set<String> unknown = new TreeSet<>(given.keySet());
    unknown.removeAll(KNOWN);
    if (!unknown.isEmpty()) {
      throw InvalidRequestException.of(
          "unknown option nats." + unknown.iterator().next(), "Known are nats." + String.join(", nats.", new TreeSet<>(KNOWN)));
    }
    if (config.endpoints().isEmpty()) {
      throw InvalidRequestException.of("no endpoint for nats", "Write nats://host:port, or builder.endpoint(host, port)");
    }
    if (!config.headers().isEmpty()) {
      throw InvalidRequestException.of("NATS has no headers of calls", "Leave out the headers of the configuration");
    }
    config.endpoints().forEach(endpoint -> requireConfidential(config, endpoint));
    return new NatsOptions(replicas(given.get("replicas")), given.get("creds"));
  }

  /** A key of a file of credentials never leaves the client; tokens and passwords do. */
  private static void requireConfidential(ClientConfig config, Endpoint endpoint) {
    boolean nobody = config.credentials() instanceof Credentials.Fixed fixed && fixed.value() instanceof Credentials.Anonymous;
    if (!nobody && config.tls() == null && !endpoint.loopback() && !config.plaintextCredentials()) {
      throw InvalidRequestException.of(
          "credentials for " + endpoint.host() + " would be sent in plain text",
          "Use tls=true (builder.tls), or allow it by plaintext-credentials=true (builder.plaintextCredentials)");
    }
  }

  private static OptionalInt replicas(@Nullable String given) {
    if (given == null) {
      return OptionalInt.empty();
    }
    try {
      int replicas = Integer.parseInt(given);
      if (replicas >= 1 && replicas <= MOST_REPLICAS) {
        return OptionalInt.of(replicas);
      }
    } catch (NumberFormatException none) {
      // Refused below, as every other number that is not meant.
    }
    throw InvalidRequestException.of("nats.replicas=" + given + " is not a number from 1 to " + MOST_REPLICAS, "Write 1, 3 or 5");
  }
}
