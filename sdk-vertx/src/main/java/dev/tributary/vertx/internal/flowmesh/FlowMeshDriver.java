package dev.tributary.vertx.internal.flowmesh;

import dev.tributary.Capability;
import dev.tributary.config.Endpoint;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.KeyValueTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.SchemaTransport;
import dev.tributary.spi.StreamTransport;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.HealthCheckRequest;
import dev.tributary.vertx.internal.net.Driver;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.grpc.GrpcCaller;
import dev.tributary.vertx.internal.net.http.HttpCaller;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The transport for FlowMesh: its roles over one caller. */
final class FlowMeshDriver extends Driver {
  static final String BACKEND = "flowmesh";

  private static final Set<Capability> CAPABILITIES =
      Set.copyOf(
          EnumSet.of(
              Capability.STREAMS,
              Capability.EVENT_KEYS,
              Capability.EVENT_HEADERS,
              Capability.GROUP_LISTING,
              Capability.REPLAY,
              Capability.QUEUES,
              Capability.JOB_HEADERS,
              Capability.JOB_DELAY,
              Capability.REDELIVERY_POLICY,
              Capability.DEAD_LETTERS,
              Capability.DEAD_LETTER_REPLAY,
              Capability.DEAD_LETTER_PURGE,
              Capability.KEY_VALUE,
              Capability.KEY_TTL,
              Capability.SCHEMAS,
              Capability.SCHEMA_ATTACHMENT,
              Capability.LIST_RESOURCES));

  // The server takes messages of 4 MiB; the difference is for names, headers' frames and tags.
  static final int BYTES = (4 << 20) - (256 << 10);

  /** No long poll: a job that arrives during one is lost until the server restarts. */
  private static final Limits LIMITS =
      new Limits(
          1_000,
          BYTES,
          BYTES,
          1,
          100,
          Duration.ofSeconds(1),
          Limits.NONE.maxDelay(),
          Duration.ofHours(12),
          Duration.ofDays(365),
          0,
          Duration.ZERO);

  private final GrpcCaller caller;
  private final HttpCaller http;
  private final FlowMeshStreams streams;
  private final FlowMeshQueues queues;
  private final FlowMeshKeyValue keyValues;
  private final FlowMeshSchemas schemas;
  private final FlowMeshAdmin admin;
  private final FlowMeshHealth health;

  FlowMeshDriver(Network network, Endpoint http) {
    super(BACKEND, CAPABILITIES, LIMITS, network);
    this.caller = GrpcCaller.probing(network, new FlowMeshErrors(), FlowMeshMethods.HEALTH_CHECK, HealthCheckRequest.getDefaultInstance());
    this.http = new HttpCaller(network, http);
    this.streams = new FlowMeshStreams(caller, this.http, network);
    this.queues = new FlowMeshQueues(caller, network);
    this.keyValues = new FlowMeshKeyValue(caller, network.time());
    this.schemas = new FlowMeshSchemas(caller, network.config().tenant());
    this.admin = new FlowMeshAdmin(this.http);
    this.health = new FlowMeshHealth(caller);
  }

  @Override
  public Optional<StreamTransport> streams() {
    return Optional.of(streams);
  }

  @Override
  public Optional<QueueTransport> queues() {
    return Optional.of(queues);
  }

  @Override
  public Optional<KeyValueTransport> keyValues() {
    return Optional.of(keyValues);
  }

  @Override
  public Optional<SchemaTransport> schemas() {
    return Optional.of(schemas);
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
  protected CompletableFuture<Void> end(TributaryException reason) {
    return streams
        .closeSources(reason)
        .thenCompose(ended -> queues.quiet())
        .thenCompose(ended -> caller.close())
        .thenCompose(ended -> http.close());
  }
}
