package dev.tributary.nats;

import dev.tributary.Capability;
import dev.tributary.config.ClientConfig;
import dev.tributary.nats.client.NatsCaller;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The transport for NATS JetStream: its roles over one caller. */
final class NatsDriver implements Transport {
  static final String BACKEND = "nats";
  private static final int PORT = 4_222;

  private static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.of(
              Capability.STREAMS,
              Capability.EVENT_KEYS,
              Capability.BINARY_EVENT_KEYS,
              Capability.EVENT_HEADERS,
              Capability.EVENT_DELAY,
              Capability.DELAYED_EVENTS,
              Capability.EVENT_TTL,
              Capability.EVENT_PRIORITY,
              Capability.EVENT_DEDUPLICATION,
              Capability.EVENT_PARTITION,
              Capability.GROUP_BALANCING,
              Capability.GROUP_LISTING,
              Capability.GROUP_DELETION,
              Capability.START_AT_TIME,
              Capability.KEY_VALUE,
              Capability.KEY_TTL,
              Capability.KEY_REVISIONS,
              Capability.KEY_WATCH,
              Capability.CREATE_RESOURCES,
              Capability.LIST_RESOURCES));

  /** A server takes messages of 1 MiB, with their headers. */
  static final int PAYLOAD_BYTES = (1 << 20) - (64 << 10);

  private static final Duration FOREVER = Duration.ofDays(365L * 100);

  private static final Limits LIMITS =
      new Limits(1_000, 8 << 20, PAYLOAD_BYTES, 0, 1_000, Duration.ofSeconds(1), FOREVER, FOREVER, FOREVER, 0, Duration.ofSeconds(30));

  private final NatsCaller caller;
  private final NatsStreams streams;
  private final NatsKeyValue keyValues;
  private final NatsAdmin admin;
  private final NatsHealth health;

  NatsDriver(ClientConfig config, NatsOptions options) {
    this.caller = new NatsCaller(config, PORT, options.credentialsFile());
    NatsMapping mapping = new NatsMapping(config.tenant(), config.namespace());
    NatsReplicas replicas = new NatsReplicas(caller, options.replicas());
    Logs logs = new Logs(caller, mapping);
    Groups groups = new Groups(caller, mapping, replicas);
    this.streams = new NatsStreams(caller, mapping, logs, groups);
    this.keyValues = new NatsKeyValue(caller, mapping);
    this.admin = new NatsAdmin(caller, mapping, replicas, logs, groups);
    this.health = new NatsHealth(caller);
  }

  @Override
  public String backend() {
    return BACKEND;
  }

  @Override
  public Set<Capability> capabilities() {
    return CAPABILITIES;
  }

  @Override
  public Limits limits() {
    return LIMITS;
  }

  @Override
  public Optional<StreamTransport> streams() {
    return Optional.of(streams);
  }

  @Override
  public Optional<KeyValueTransport> keyValues() {
    return Optional.of(keyValues);
  }

  @Override
  public Optional<AdminTransport> admin() {
    return Optional.of(admin);
  }

  @Override
  public HealthTransport health() {
    return health;
  }

  @Override
  public CompletableFuture<Void> close() {
    return CompletableFuture.allOf(streams.closeSources(NatsCaller.closed()), keyValues.closeSources(NatsCaller.closed()))
        .handle((ended, error) -> null)
        .thenCompose(ended -> caller.close());
  }
}
