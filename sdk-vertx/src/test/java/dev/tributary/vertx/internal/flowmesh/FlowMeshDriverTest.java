package dev.tributary.vertx.internal.flowmesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.tributary.Outcome;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.SchemaRejectedException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.kv.PutOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.schema.SchemaFormat;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.ReadSpec;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import dev.tributary.stream.Event;
import dev.tributary.stream.Position;
import dev.tributary.vertx.internal.flowmesh.proto.ACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.CommitOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.DeleteResponse;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueRequest;
import dev.tributary.vertx.internal.flowmesh.proto.EnqueueResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ExistsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.FlowMeshMethods;
import dev.tributary.vertx.internal.flowmesh.proto.GetOffsetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.GetRetryPolicyResponse;
import dev.tributary.vertx.internal.flowmesh.proto.GetSchemaResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Job;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ListDLQJobsResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ListSchemasResponse;
import dev.tributary.vertx.internal.flowmesh.proto.Message;
import dev.tributary.vertx.internal.flowmesh.proto.NACKRequest;
import dev.tributary.vertx.internal.flowmesh.proto.NACKResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReadStreamResponse;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveRequest;
import dev.tributary.vertx.internal.flowmesh.proto.ReceiveResponse;
import dev.tributary.vertx.internal.flowmesh.proto.RegisterSchemaResponse;
import dev.tributary.vertx.internal.flowmesh.proto.RetryPolicy;
import dev.tributary.vertx.internal.flowmesh.proto.Schema;
import dev.tributary.vertx.internal.flowmesh.proto.SetRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetResponse;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyRequest;
import dev.tributary.vertx.internal.flowmesh.proto.SetRetryPolicyResponse;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsRequest;
import dev.tributary.vertx.internal.flowmesh.proto.WriteEventsResponse;
import dev.tributary.vertx.internal.net.grpc.ScriptedServer;
import io.vertx.core.Vertx;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.server.GrpcServerRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FlowMeshDriverTest {
  static final ResourceName NAME = new ResourceName("t", "n", "orders");
  static Vertx vertx;

  final ScriptedServer server = new ScriptedServer(vertx);
  Transport driver;

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @AfterEach
  void closeBoth() throws Exception {
    if (driver != null) {
      get(driver.close());
    }
    server.close();
  }

  void connect() {
    int port = server.listen();
    driver = new FlowMeshProvider().open(ClientConfig.builder("flowmesh").endpoint("localhost", port).token("secret").build());
  }

  static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  static Deadline soon() {
    return Deadline.after(dev.tributary.spi.TimeSource.system(), Duration.ofSeconds(20));
  }

  @Test
  void publishesABatchInOneCallWithTheKeyAsAHeader() throws Exception {
    server.answer(FlowMeshMethods.WRITE_EVENTS, q -> WriteEventsResponse.newBuilder().addOffsets(4).addOffsets(5).build());
    connect();

    List<Outcome<Position>> positions =
        get(driver.streams().orElseThrow().publish(NAME, List.of(Event.builder(new byte[] {1}).key("k").build(), Event.of(new byte[] {2})), soon()));

    assertThat(positions).extracting(Outcome::orThrow).containsExactly(new Position(0, 4), new Position(0, 5));
    WriteEventsRequest asked = server.asked(WriteEventsRequest.class).get(0);
    assertThat(asked.getEvents(0).getHeadersMap()).containsEntry("tributary-key", "k");
    assertThat(asked.getResourcePath().getResourceType()).isEqualTo("stream");
  }

  @Test
  void enqueuesABatchInItsOrder() throws Exception {
    server.answer(
        FlowMeshMethods.ENQUEUE, q -> EnqueueResponse.newBuilder().setJobId("j" + q.getPayload().byteAt(0)).setSeq(q.getPayload().byteAt(0)).build());
    connect();

    var results =
        get(
            driver
                .queues()
                .orElseThrow()
                .enqueue(NAME, List.of(NewJob.of(new byte[] {1}), NewJob.builder(new byte[] {2}).delay(Duration.ofMillis(1500)).build()), false, soon()));

    assertThat(results).extracting(r -> r.orThrow().id()).containsExactly("j1", "j2");
    assertThat(server.asked(EnqueueRequest.class)).extracting(EnqueueRequest::getDelaySeconds).containsExactly(0L, 2L);
    assertThat(server.asked(EnqueueRequest.class).get(0).getPayload()).isEqualTo(ByteString.copyFrom(new byte[] {1}));
  }

  private FlowMeshStreams streams() {
    return (FlowMeshStreams) driver.streams().orElseThrow();
  }

  private dev.tributary.spi.QueueTransport queues() {
    return driver.queues().orElseThrow();
  }

  private static <E extends TributaryException> E failure(CompletableFuture<?> call, Class<E> kind) throws Exception {
    try {
      get(call);
    } catch (ExecutionException failed) {
      assertThat(failed.getCause()).isInstanceOf(kind);
      return kind.cast(failed.getCause());
    }
    throw new AssertionError("did not fail");
  }

  static ScriptedServer.Refusal refusal(GrpcStatus status, String message) {
    return new ScriptedServer.Refusal(status, message);
  }

  static Message message(long offset) {
    return Message.newBuilder().setOffset(offset).setPayload(ByteString.copyFromUtf8("m" + offset)).build();
  }

  static Job job(String id, String payload, int attempts) {
    return Job.newBuilder().setId(id).setPayload(ByteString.copyFromUtf8(payload)).setAttempts(attempts).putHeaders("h", "v").build();
  }

  @Test
  void committedOffsetsAreTheNextHereAndTheLastProcessedThere() throws Exception {
    server
        .answer(FlowMeshMethods.COMMIT_OFFSET, q -> CommitOffsetResponse.getDefaultInstance())
        .answer(FlowMeshMethods.GET_OFFSET, q -> GetOffsetResponse.newBuilder().setOffset(q.getConsumerGroup().equals("new") ? -1 : 6).build());
    connect();
    get(streams().commit(NAME, "g", new Position(0, 7), soon()));
    get(streams().commit(NAME, "g", new Position(0, 0), soon()));
    assertThat(server.asked(CommitOffsetRequest.class)).extracting(CommitOffsetRequest::getOffset).containsExactly(6L, -1L);
    assertThat(get(streams().committed(NAME, "g", 0, soon()))).hasValue(7);
    assertThat(get(streams().committed(NAME, "new", 0, soon()))).isEmpty();
  }

  @Test
  void aPartitionThatNothingCanBeInIsRefused() throws Exception {
    connect();
    assertThatThrownBy(() -> streams().read(new ReadSpec(NAME, Integer.MAX_VALUE, 0, 1, 1), soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> streams().latestOffset(NAME, 1, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> streams().committed(NAME, "g", 1, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> streams().commit(NAME, "g", new Position(1, 7), soon())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void aPageThatBeginsBeforeItWasAskedForIsRefused() throws Exception {
    server.answer(FlowMeshMethods.READ_STREAM, q -> ReadStreamResponse.newBuilder().addMessages(message(4)).build());
    connect();
    failure(streams().read(new ReadSpec(NAME, 0, 5, 100, 1 << 20), soon()), ProtocolViolationException.class);
  }

  @Test
  void pagesThatAreTooLargeAreHalved() throws Exception {
    server.answer(
        FlowMeshMethods.READ_STREAM,
        q -> {
          if (q.getMaxMessages() > 30) {
            throw refusal(GrpcStatus.RESOURCE_EXHAUSTED, "trying to send message larger than max (9 vs. 8)");
          }
          return ReadStreamResponse.newBuilder().addMessages(message(q.getOffset())).build();
        });
    connect();
    assertThat(get(streams().read(new ReadSpec(NAME, 0, 5, 100, 1 << 20), soon())).messages()).extracting(dev.tributary.stream.Message::offset).containsExactly(5L);
    assertThat(server.asked(ReadStreamRequest.class)).extracting(ReadStreamRequest::getMaxMessages).containsExactly(100, 50, 25);
  }

  @Test
  void internalErrorsAreToldApartByTheirText() throws Exception {
    List<String> texts = new CopyOnWriteArrayList<>(List.of("stream not found", "payload validation failed: x", "disk on fire"));
    server.answer(
        FlowMeshMethods.WRITE_EVENTS,
        q -> {
          throw refusal(GrpcStatus.INTERNAL, texts.remove(0));
        });
    connect();
    List<Event<byte[]>> events = List.of(Event.of(new byte[] {1}));
    assertThat(failure(streams().publish(NAME, events, soon()), NotFoundException.class).hint()).contains("operator");
    assertThat(failure(streams().publish(NAME, events, soon()), SchemaRejectedException.class).maybeApplied()).isFalse();
    assertThat(failure(streams().publish(NAME, events, soon()), ServerErrorException.class).maybeApplied()).isTrue();
  }

  @Test
  void receivesWithoutReserveOrLongPollAndAfterAskingForThePolicyOnce() throws Exception {
    server
        .answer(FlowMeshMethods.GET_RETRY_POLICY, q -> policy(3))
        .answer(
            FlowMeshMethods.RECEIVE,
            q -> ReceiveResponse.newBuilder().addJobs(job("a", "one", 1)).addJobs(job("b", "two", 5)).build());
    connect();
    List<LeasedJob> jobs = get(queues().receive(NAME, 2, Duration.ofMillis(1500), Duration.ZERO, soon()));
    get(queues().receive(NAME, 2, Duration.ofSeconds(1), Duration.ZERO, soon()));
    assertThat(jobs).extracting(LeasedJob::attempt).containsExactly(1, 3);
    assertThat(jobs.get(0).headers()).containsEntry("h", "v");
    assertThat(server.asked(GetRetryPolicyRequest.class)).hasSize(1);
    assertThat(server.asked(ReceiveRequest.class)).allMatch(q -> q.getLongPollTimeoutSeconds() == 0);
    assertThat(server.asked(ReceiveRequest.class).get(0).getVisibilityTimeoutSeconds()).isEqualTo(2);
  }

  static GetRetryPolicyResponse policy(int max) {
    return GetRetryPolicyResponse.newBuilder()
        .setPolicy(
            RetryPolicy.newBuilder()
                .setMaxAttempts(max)
                .setInitialBackoffSeconds(1)
                .setMaxBackoffSeconds(60)
                .setBackoffMultiplier(Math.sqrt(3))
                .setBackoffStrategy("exponential"))
        .build();
  }

  @Test
  void aQueueThatNothingWasPutIntoIsEmptyAndOneThatDoesNotExistIsNotFound() throws Exception {
    server
        .answer(
            FlowMeshMethods.GET_RETRY_POLICY,
            q -> {
              if (q.getResourcePath().getName().equals("orders")) {
                return policy(3);
              }
              throw refusal(GrpcStatus.NOT_FOUND, "queue not found");
            })
        .answer(
            FlowMeshMethods.RECEIVE,
            q -> {
              throw refusal(GrpcStatus.NOT_FOUND, "queue not found");
            });
    connect();
    assertThat(get(queues().receive(NAME, 1, Duration.ofSeconds(1), Duration.ZERO, soon()))).isEmpty();
    failure(queues().receive(NAME.withName("none"), 1, Duration.ofSeconds(1), Duration.ZERO, soon()), NotFoundException.class);
  }

  @Test
  void aJobThatTheServerCouldNotReadIsNackedAndNotShown() throws Exception {
    CompletableFuture<NACKRequest> nacked = new CompletableFuture<>();
    server
        .answer(FlowMeshMethods.GET_RETRY_POLICY, q -> policy(3))
        .answer(FlowMeshMethods.RECEIVE, q -> ReceiveResponse.newBuilder().addJobs(job("bad", "", 1)).addJobs(job("good", "x", 1)).build())
        .answer(
            FlowMeshMethods.NACK,
            q -> {
              nacked.complete(q);
              return NACKResponse.getDefaultInstance();
            });
    connect();
    assertThat(get(queues().receive(NAME, 2, Duration.ofSeconds(1), Duration.ZERO, soon()))).extracting(LeasedJob::id).containsExactly("good");
    assertThat(get(nacked).getJobId()).isEqualTo("bad");
  }

  @Test
  void jobsThatArriveAfterACancellationAreGivenBack() throws Exception {
    CompletableFuture<GrpcServerRequest<ReceiveRequest, ReceiveResponse>> held = new CompletableFuture<>();
    CompletableFuture<NACKRequest> nacked = new CompletableFuture<>();
    server
        .answer(FlowMeshMethods.GET_RETRY_POLICY, q -> policy(3))
        .on(FlowMeshMethods.RECEIVE, (q, call) -> held.complete(call))
        .answer(
            FlowMeshMethods.NACK,
            q -> {
              nacked.complete(q);
              return NACKResponse.getDefaultInstance();
            });
    connect();
    CompletableFuture<List<LeasedJob>> call = queues().receive(NAME, 1, Duration.ofSeconds(1), Duration.ZERO, soon());
    GrpcServerRequest<ReceiveRequest, ReceiveResponse> received = get(held);
    call.cancel(true);
    received.response().end(ReceiveResponse.newBuilder().addJobs(job("late", "x", 1)).build());
    assertThat(get(nacked).getJobId()).isEqualTo("late");
  }

  private LeasedJob leased(String id, Instant until) {
    return new LeasedJob(id, "", new byte[] {1}, Map.of("own", "1"), 2, 0, null, Deadline.after(TimeSource.system(), Duration.between(Instant.now(), until)), OptionalLong.empty());
  }

  @Test
  void settlesAsTheWireMeansIt() throws Exception {
    server
        .answer(FlowMeshMethods.ACK, q -> ACKResponse.getDefaultInstance())
        .answer(
            FlowMeshMethods.NACK,
            q -> {
              switch (q.getJobId()) {
                case "last" -> throw refusal(GrpcStatus.FAILED_PRECONDITION, "max attempts exceeded");
                case "gone" -> throw refusal(GrpcStatus.NOT_FOUND, "job not found");
                default -> {
                  return NACKResponse.getDefaultInstance();
                }
              }
            });
    connect();
    Instant later = Instant.now().plusSeconds(600);
    List<Outcome<Settlement.Result>> outcomes =
        get(
            queues()
                .settle(
                    NAME,
                    List.of(
                        new Settlement(Settlement.Kind.ACK, leased("a", later), null, null),
                        new Settlement(Settlement.Kind.NACK, leased("b", later), Duration.ZERO, null),
                        new Settlement(Settlement.Kind.NACK, leased("last", later), null, null),
                        new Settlement(Settlement.Kind.NACK, leased("gone", later), null, null),
                        new Settlement(Settlement.Kind.ACK, leased("late", Instant.now().minusSeconds(1)), null, null),
                        new Settlement(Settlement.Kind.EXTEND, leased("e", later), Duration.ofSeconds(1), null)),
                    soon()));
    assertThat(outcomes.get(0).orThrow()).isEqualTo(Settlement.Result.DONE);
    assertThat(outcomes.get(1).orThrow().deadLettered()).isFalse();
    assertThat(outcomes.get(2).orThrow().deadLettered()).isTrue();
    assertThat(outcomes.get(3).error()).isInstanceOf(LeaseLostException.class);
    assertThat(outcomes.get(4).error()).isInstanceOf(LeaseLostException.class);
    assertThat(outcomes.get(5).error()).isInstanceOf(UnsupportedFeatureException.class);
    assertThat(server.asked(ACKRequest.class)).extracting(ACKRequest::getJobId).containsExactly("a");
    assertThat(server.asked(NACKRequest.class)).filteredOn(q -> q.getJobId().equals("b")).extracting(NACKRequest::getDelaySeconds).containsExactly(1L);
  }

  @Test
  void rejectsByACopyAmongTheDeadLettersAndAnAck() throws Exception {
    server
        .answer(FlowMeshMethods.LIST_DLQ_JOBS, q -> ListDLQJobsResponse.getDefaultInstance())
        .answer(FlowMeshMethods.ENQUEUE, q -> EnqueueResponse.newBuilder().setJobId("copy").build())
        .answer(FlowMeshMethods.ACK, q -> ACKResponse.getDefaultInstance());
    connect();
    var settlement = new Settlement(Settlement.Kind.REJECT, leased("a", Instant.now().plusSeconds(600)), null, "bad");
    assertThat(get(queues().settle(NAME, List.of(settlement), soon())).get(0).orThrow().deadLettered()).isTrue();
    EnqueueRequest copy = server.asked(EnqueueRequest.class).get(0);
    assertThat(copy.getResourcePath().getName()).isEqualTo("orders-dlq");
    assertThat(copy.getHeadersMap())
        .containsEntry("own", "1")
        .containsEntry("x-flowmesh-original-queue", "t/n/queue/orders")
        .containsEntry("x-flowmesh-original-job-id", "a")
        .containsEntry("x-flowmesh-attempts", "3")
        .containsEntry("tributary-dead-reason", "bad")
        .containsKey("x-flowmesh-failed-at");
    assertThat(server.asked).extracting(q -> q.getClass().getSimpleName()).containsExactly("ListDLQJobsRequest", "EnqueueRequest", "ACKRequest");
  }

  @Test
  void replaysADeadLetterByMovingItWithItsHeadersAndGivesTheOthersBack() throws Exception {
    List<Job> dead = new CopyOnWriteArrayList<>();
    for (String id : List.of("x", "y", "z")) {
      dead.add(job(id, "p" + id, 1).toBuilder().putHeaders("x-flowmesh-original-job-id", "o").build());
    }
    CompletableFuture<String> back = new CompletableFuture<>();
    server
        .answer(FlowMeshMethods.LIST_DLQ_JOBS, q -> ListDLQJobsResponse.getDefaultInstance())
        .answer(FlowMeshMethods.SET_RETRY_POLICY, q -> SetRetryPolicyResponse.getDefaultInstance())
        .answer(
            FlowMeshMethods.RECEIVE,
            q -> {
              ReceiveResponse.Builder some = ReceiveResponse.newBuilder();
              for (int i = 0; i < q.getMaxJobs() && !dead.isEmpty(); i++) {
                some.addJobs(dead.remove(0));
              }
              return some.build();
            })
        .answer(FlowMeshMethods.ENQUEUE, q -> EnqueueResponse.newBuilder().setJobId("new").setSeq(9).build())
        .answer(FlowMeshMethods.ACK, q -> ACKResponse.getDefaultInstance())
        .answer(
            FlowMeshMethods.NACK,
            q -> {
              if (q.getJobId().equals("x")) {
                back.complete(q.getResourcePath().getName());
              }
              return NACKResponse.getDefaultInstance();
            });
    connect();
    assertThat(get(queues().deadLetters().replay(NAME, "y", soon())).id()).isEqualTo("new");
    EnqueueRequest moved = server.asked(EnqueueRequest.class).get(0);
    assertThat(moved.getResourcePath().getName()).isEqualTo("orders");
    assertThat(moved.getHeadersMap()).isEqualTo(Map.of("h", "v"));
    assertThat(server.asked(ACKRequest.class)).extracting(ACKRequest::getJobId).containsExactly("y");
    assertThat(get(back)).isEqualTo("orders-dlq");
    SetRetryPolicyRequest kept = server.asked(SetRetryPolicyRequest.class).get(0);
    assertThat(kept.getResourcePath().getName()).isEqualTo("orders-dlq");
    assertThat(kept.getPolicy().getMaxAttempts()).isZero();
    failure(queues().deadLetters().replay(NAME, "none", soon()), NotFoundException.class);
  }

  @Test
  void listedDeadLettersHaveTheirTimeInSeconds() throws Exception {
    server.answer(
        FlowMeshMethods.LIST_DLQ_JOBS,
        q -> ListDLQJobsResponse.newBuilder().addJobs(job("d", "x", 0).toBuilder().setCreatedAt(1_700_000_000L)).build());
    connect();
    assertThat(get(queues().deadLetters().list(NAME, 5_000, soon())).get(0).failedAt()).isEqualTo(Instant.ofEpochSecond(1_700_000_000L));
    assertThat(server.asked(ListDLQJobsRequest.class).get(0).getMaxJobs()).isEqualTo(1_000);
  }

  @Test
  void policiesMeanDeliveriesHereAndCountsThere() {
    for (int deliveries : new int[] {0, 1, 2, 3, 10}) {
      RedeliveryPolicy policy = RedeliveryPolicy.maxAttempts(deliveries);
      RetryPolicy wire = FlowMeshMapping.policy(policy);
      assertThat(wire.getMaxAttempts()).isEqualTo(deliveries == 0 ? 0 : 2 * deliveries - 1);
      assertThat(FlowMeshMapping.policy(wire)).isEqualTo(policy);
    }
    assertThat(FlowMeshMapping.policy(policy(6).getPolicy()).maxAttempts()).isEqualTo(4);
    assertThat(FlowMeshMapping.policy(policy(6).getPolicy()).multiplier()).isEqualTo(3.0);
  }

  @Test
  void aPutThatMayMeetAFormerTtlDeletesFirst() throws Exception {
    server
        .answer(FlowMeshMethods.SET, q -> SetResponse.getDefaultInstance())
        .answer(FlowMeshMethods.DELETE, q -> DeleteResponse.getDefaultInstance());
    connect();
    var kv = driver.keyValues().orElseThrow();
    byte[] value = {1};
    for (PutOptions options : List.of(PutOptions.DEFAULT, PutOptions.ttl(Duration.ofMillis(1500)), PutOptions.DEFAULT, PutOptions.DEFAULT)) {
      get(kv.put(NAME, "k", value, options, OptionalLong.empty(), soon()));
    }
    assertThat(server.asked)
        .extracting(q -> q instanceof SetRequest set ? "set " + set.getTtlSeconds() : "delete")
        .containsExactly("set 0", "delete", "set 2", "delete", "set 0", "set 0");
  }

  @Test
  void aKeyThatExpiredDoesNotExistEvenIfTheServerHasItStill() throws Exception {
    server
        .answer(FlowMeshMethods.EXISTS, q -> ExistsResponse.newBuilder().setExists(!q.getKey().equals("-")).build())
        .answer(
            FlowMeshMethods.GET,
            q -> {
              throw refusal(GrpcStatus.NOT_FOUND, "key not found");
            });
    connect();
    var kv = driver.keyValues().orElseThrow();
    assertThat(get(kv.exists(NAME, "k", soon()))).isFalse();
    assertThat(get(kv.get(NAME, "k", soon()))).isEmpty();
  }

  @Test
  void aSchemaGetsTheVersionBehindTheLatestAndWinsARace() throws Exception {
    ConcurrentHashMap<Integer, Schema> registry = new ConcurrentHashMap<>();
    registry.put(3, schema(3, "{}"));
    server
        .answer(FlowMeshMethods.LIST_SCHEMAS, q -> ListSchemasResponse.newBuilder().addAllSchemas(registry.values()).build())
        .answer(
            FlowMeshMethods.REGISTER_SCHEMA,
            q -> {
              if (registry.size() == 1) {
                // Another client is faster.
                registry.put(4, schema(4, "[]"));
              }
              if (registry.containsKey(q.getVersion())) {
                throw refusal(GrpcStatus.INTERNAL, "schema version already exists");
              }
              registry.put(q.getVersion(), schema(q.getVersion(), q.getDefinition().toStringUtf8()));
              return RegisterSchemaResponse.getDefaultInstance();
            })
        .answer(FlowMeshMethods.GET_SCHEMA, q -> GetSchemaResponse.newBuilder().setSchema(registry.get(q.getVersion())).build());
    connect();
    var schemas = driver.schemas().orElseThrow();
    var registered = get(schemas.register(NAME, SchemaFormat.JSON, "true", soon()));
    assertThat(registered.version()).isEqualTo(5);
    assertThat(registered.subject()).isEqualTo("t/n/orders");
    assertThat(get(schemas.register(NAME, SchemaFormat.JSON, "{}", soon())).version()).isEqualTo(3);
    assertThat(get(schemas.get(NAME, OptionalInt.empty(), soon())).version()).isEqualTo(5);
  }

  @Test
  void whatToDoAboutAMissingThingDependsOnTheThing() throws Exception {
    server
        .answer(
            FlowMeshMethods.GET_SCHEMA,
            q -> {
              throw refusal(GrpcStatus.NOT_FOUND, "schema not found: orders (version 9)");
            })
        .answer(
            FlowMeshMethods.GET_REPLAY_SESSION,
            q -> {
              throw refusal(GrpcStatus.NOT_FOUND, "replay session not found: 7");
            })
        .answer(
            FlowMeshMethods.READ_STREAM,
            q -> {
              throw refusal(GrpcStatus.NOT_FOUND, "stream not found: orders");
            });
    connect();
    var schemas = driver.schemas().orElseThrow();
    assertThat(failure(schemas.get(NAME, OptionalInt.of(9), soon()), NotFoundException.class).hint()).startsWith("Register it");
    assertThat(failure(streams().replay("7", soon()), NotFoundException.class).hint()).startsWith("Create one");
    assertThat(failure(streams().read(new ReadSpec(NAME, 0, 0, 1, 1), soon()), NotFoundException.class).hint()).contains("operator");
  }

  private static Schema schema(int version, String definition) {
    return Schema.newBuilder()
        .setId("n/orders")
        .setType("jsonschema")
        .setVersion(version)
        .setDefinition(ByteString.copyFromUtf8(definition))
        .build();
  }

  @Test
  void anUnknownOptionIsRefusedBeforeAnythingIsOpened() {
    ClientConfig config = ClientConfig.builder("flowmesh").endpoint("localhost", 1).option("htp", "x").build();
    assertThatThrownBy(() -> new FlowMeshProvider().open(config)).isInstanceOf(InvalidRequestException.class).hasMessageContaining("flowmesh.htp");
  }
}
