package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Empty;
import dev.tributary.RedeliveryPolicy;
import dev.tributary.ResourceName;
import dev.tributary.admin.QueueConfig;
import dev.tributary.admin.QueueUpdate;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.AlreadyExistsException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PartialFailureException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.spi.AdminTransport;
import dev.tributary.vertx.internal.disheap.proto.DLQPolicy;
import dev.tributary.vertx.internal.disheap.proto.DeleteHeapReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.HeapInfo;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsResp;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapReq;
import dev.tributary.vertx.internal.disheap.proto.MakeHeapResp;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.disheap.proto.UpdateHeapConfigReq;
import dev.tributary.vertx.internal.net.grpc.ScriptedServer;
import io.vertx.core.http.HttpServer;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DisheapAdminTest extends DisheapTest {
  private final ScriptedServer other = new ScriptedServer(vertx);

  @AfterEach
  void closeOther() {
    other.close();
  }

  private AdminTransport admin() {
    return driver.admin().orElseThrow();
  }

  private CompletableFuture<Void> create(QueueConfig config) {
    return admin().createQueue(NAME, config, soon());
  }

  /** Makes heaps, and knows none before. */
  private static void makes(ScriptedServer server) {
    server
        .answer(
            DisheapMethods.PEEK,
            q -> {
              if (server.asked(MakeHeapReq.class).isEmpty()) {
                throw refusal(GrpcStatus.NOT_FOUND, "topic not found");
              }
              return PeekResp.getDefaultInstance();
            })
        .answer(DisheapMethods.MAKE_HEAP, q -> MakeHeapResp.newBuilder().setTopic(q.getTopic()).build());
  }

  private void connectBoth(String option, String value) {
    connect(config().endpoint("127.0.0.1", other.listen()).option(option, value));
  }

  @Test
  void fillsInWhatTheServerHasNoDefaultsFor() throws Exception {
    makes(server);
    connect();
    get(create(QueueConfig.DEFAULT));
    MakeHeapReq made = server.asked(MakeHeapReq.class).get(0);
    assertThat(made.getTopic()).isEqualTo("orders");
    assertThat(made.getMode()).isEqualTo(Mode.MAX);
    assertThat(made.getPartitions()).isEqualTo(1);
    assertThat(made.getReplicationFactor()).isEqualTo(1);
    assertThat(made.getTopKBound()).isEqualTo(100);
    assertThat(DisheapMapping.duration(made.getRetentionTime())).isEqualTo(Duration.ofDays(7));
    assertThat(DisheapMapping.duration(made.getVisibilityTimeoutDefault())).isEqualTo(Duration.ofSeconds(30));
    assertThat(made.getMaxRetriesDefault()).isEqualTo(3);
    assertThat(made.getMaxPayloadBytes()).isEqualTo(1 << 20);
    assertThat(made.getDlqPolicy().getEnabled()).isTrue();
  }

  @Test
  void whatIsSaidIsMade() throws Exception {
    makes(server);
    connect(config().option("mode", "min"));
    get(
        create(
            QueueConfig.builder()
                .partitions(8)
                .replicas(3)
                .maxAttempts(0)
                .retention(Duration.ofHours(1))
                .deadLetterRetention(Duration.ofHours(2))
                .option("top-k", "7")
                .option("max-payload-bytes", "99")
                .option("compression", "true")
                .option("dead-letters", "false")
                .build()));
    MakeHeapReq made = server.asked(MakeHeapReq.class).get(0);
    assertThat(made.getMode()).isEqualTo(Mode.MIN);
    assertThat(made.getPartitions()).isEqualTo(8);
    assertThat(made.getReplicationFactor()).isEqualTo(3);
    assertThat(Integer.toUnsignedLong(made.getMaxRetriesDefault())).isEqualTo(4_294_967_295L);
    assertThat(made.getTopKBound()).isEqualTo(7);
    assertThat(made.getMaxPayloadBytes()).isEqualTo(99);
    assertThat(made.getCompressionEnabled()).isTrue();
    assertThat(made.getDlqPolicy()).isEqualTo(DLQPolicy.newBuilder().setRetentionTime(DisheapMapping.wire(Duration.ofHours(2))).build());
  }

  @Test
  void whatNoServerMakesIsRefusedBeforeItIsAsked() throws Exception {
    connect();
    assertThatThrownBy(() -> create(QueueConfig.builder().replicas(2).build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> create(QueueConfig.builder().partitions(1_001).build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> create(QueueConfig.builder().option("colour", "red").build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> create(QueueConfig.builder().option("mode", "middle").build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> create(QueueConfig.builder().option("top-k", "0").build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> create(QueueConfig.builder().retention(Duration.ofDays(366)).build())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> create(QueueConfig.builder().redelivery(RedeliveryPolicy.DEFAULT).build())).isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> admin().createQueue(new ResourceName("default", "default", ".".repeat(99)), QueueConfig.DEFAULT, soon())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void aQueueThatIsThereIsNotWrittenOver() throws Exception {
    server.answer(DisheapMethods.PEEK, q -> PeekResp.getDefaultInstance());
    connect();
    failure(create(QueueConfig.DEFAULT), AlreadyExistsException.class);
    assertThat(server.asked(MakeHeapReq.class)).isEmpty();
  }

  @Test
  void waitsUntilJobsCanBeEnqueued() throws Exception {
    makes(server);
    AtomicInteger looks = new AtomicInteger();
    server.answer(
        DisheapMethods.PEEK,
        q -> {
          if (looks.incrementAndGet() < 4) {
            throw refusal(GrpcStatus.NOT_FOUND, "topic not found");
          }
          return PeekResp.getDefaultInstance();
        });
    connect();
    get(create(QueueConfig.DEFAULT));
    assertThat(looks).hasValue(4);
  }

  @Test
  void asksOneEndpointAfterTheOtherForTheLeader() throws Exception {
    makes(server);
    makes(other);
    other.answer(
        DisheapMethods.MAKE_HEAP,
        q -> {
          throw refusal(GrpcStatus.INTERNAL, "failed to apply: node is not leader");
        });
    other.answer(DisheapMethods.PEEK, q -> other.asked(MakeHeapReq.class).isEmpty() ? missing() : PeekResp.getDefaultInstance());
    connectBoth("fan-out", "false");
    get(create(QueueConfig.DEFAULT));
    assertThat(other.asked(MakeHeapReq.class)).hasSize(1);
    assertThat(server.asked(MakeHeapReq.class)).hasSize(1);
  }

  private static PeekResp missing() {
    throw refusal(GrpcStatus.NOT_FOUND, "topic not found");
  }

  @Test
  void aLostLeaderMayHaveMadeIt() throws Exception {
    makes(server);
    makes(other);
    other.answer(
        DisheapMethods.MAKE_HEAP,
        q -> {
          throw refusal(GrpcStatus.INTERNAL, "leadership lost while committing log");
        });
    server.answer(
        DisheapMethods.MAKE_HEAP,
        q -> {
          throw refusal(GrpcStatus.ALREADY_EXISTS, "topic exists");
        });
    connectBoth("fan-out", "false");
    assertThat(failure(create(QueueConfig.DEFAULT), AlreadyExistsException.class).maybeApplied()).isTrue();
  }

  @Test
  void withoutALeaderItCanBeTriedAgain() throws Exception {
    makes(server);
    server.answer(
        DisheapMethods.MAKE_HEAP,
        q -> {
          throw refusal(GrpcStatus.UNAVAILABLE, "not leader");
        });
    connect();
    ConnectionFailedException error = failure(create(QueueConfig.DEFAULT), ConnectionFailedException.class);
    assertThat(error.maybeApplied()).isFalse();
    assertThat(error.retryable()).isTrue();
  }

  @Test
  void aBrokenLookWhetherItIsThereHasMadeNothing() throws Exception {
    server.answer(
        DisheapMethods.PEEK,
        q -> {
          throw refusal(GrpcStatus.UNAVAILABLE, "shutting down");
        });
    connect();
    ConnectionFailedException error = failure(create(QueueConfig.DEFAULT), ConnectionFailedException.class);
    assertThat(error.maybeApplied()).isFalse();
    assertThat(error.retryable()).isTrue();
    assertThat(error.getCause()).hasMessageContaining("shutting down");
    assertThat(server.asked(MakeHeapReq.class)).isEmpty();
  }

  @Test
  void theLeaderIsAskedFirstIfItIsKnown() throws Exception {
    makes(server);
    makes(other);
    HttpServer follower = health(503, "{\"status\":\"ok\",\"is_leader\":false,\"healthy\":false,\"leader\":\"\"}");
    HttpServer leader = health(200, "{\"status\":\"ok\",\"is_leader\":true,\"healthy\":true,\"leader\":\"10.0.0.1:8300\"}");
    other.answer(DisheapMethods.PEEK, q -> server.asked(MakeHeapReq.class).isEmpty() ? missing() : PeekResp.getDefaultInstance());
    connectBoth("http", "127.0.0.1:" + follower.actualPort() + ",127.0.0.1:" + leader.actualPort());
    get(create(QueueConfig.DEFAULT));
    assertThat(other.asked(MakeHeapReq.class)).isEmpty();
    assertThat(server.asked(MakeHeapReq.class)).hasSize(1);
    follower.close();
    leader.close();
  }

  private static HttpServer health(int status, String body) throws Exception {
    return vertx
        .createHttpServer()
        .requestHandler(request -> request.response().setStatusCode(status).end(body))
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void readsItsSettingsBack() throws Exception {
    server
        .answer(
            DisheapMethods.LIST_HEAPS,
            q ->
                ListHeapsResp.newBuilder()
                    .addHeaps(
                        HeapInfo.newBuilder()
                            .setTopic("orders")
                            .setMode(Mode.MAX)
                            .setPartitions(4)
                            .setReplicationFactor(2)
                            .setTopKBound(100)
                            .setRetentionTime(DisheapMapping.wire(Duration.ofDays(1)))
                            .setVisibilityTimeoutDefault(DisheapMapping.wire(Duration.ofMinutes(5)))
                            .setMaxRetriesDefault(3)
                            .setMaxPayloadBytes(1024))
                    .build())
        .answer(DisheapMethods.PEEK, q -> missing());
    connect();
    assertThat(get(admin().queueConfig(NAME, soon())))
        .isEqualTo(
            QueueConfig.builder()
                .partitions(4)
                .replicas(2)
                .lease(Duration.ofMinutes(5))
                .retention(Duration.ofDays(1))
                .maxAttempts(4)
                .option("mode", "max")
                .option("top-k", "100")
                .option("max-payload-bytes", "1024")
                .option("compression", "false")
                .build());
    failure(admin().queueConfig(NAME.withName("others"), soon()), NotFoundException.class);
  }

  @Test
  void whatIsListedOnlyOnceItWasTouchedIsTouched() throws Exception {
    server
        .answer(
            DisheapMethods.LIST_HEAPS,
            q -> {
              ListHeapsResp.Builder answer = ListHeapsResp.newBuilder();
              if (!server.asked(PeekReq.class).isEmpty()) {
                answer.addHeaps(HeapInfo.newBuilder().setTopic("orders").setPartitions(3));
              }
              return answer.build();
            })
        .answer(DisheapMethods.PEEK, q -> PeekResp.getDefaultInstance());
    connect();
    assertThat(get(admin().queueConfig(NAME, soon())).partitions()).isEqualTo(3);
  }

  @Test
  void changesOnlyWhatIsSaid() throws Exception {
    server.answer(DisheapMethods.UPDATE_HEAP_CONFIG, q -> Empty.getDefaultInstance());
    connect();
    get(admin().updateQueue(NAME, QueueUpdate.builder().lease(Duration.ofSeconds(5)).maxAttempts(2).build(), soon()));
    assertThat(server.asked(UpdateHeapConfigReq.class).get(0))
        .isEqualTo(
            UpdateHeapConfigReq.newBuilder()
                .setTopic("orders")
                .setVisibilityTimeoutDefault(DisheapMapping.wire(Duration.ofSeconds(5)))
                .setMaxRetriesDefault(1)
                .build());
    assertThatThrownBy(() -> admin().updateQueue(NAME, QueueUpdate.builder().option("mode", "min").build(), soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> admin().updateQueue(NAME, QueueUpdate.builder().option("colour", "red").build(), soon())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked(UpdateHeapConfigReq.class)).hasSize(1);
  }

  @Test
  void aTermOfDeadLettersDoesNotTurnThemOn() throws Exception {
    server
        .answer(
            DisheapMethods.LIST_HEAPS,
            q -> ListHeapsResp.newBuilder().addHeaps(HeapInfo.newBuilder().setTopic("orders").setDlqPolicy(DLQPolicy.getDefaultInstance())).build())
        .answer(DisheapMethods.UPDATE_HEAP_CONFIG, q -> Empty.getDefaultInstance());
    connect();
    get(admin().updateQueue(NAME, QueueUpdate.builder().deadLetterRetention(Duration.ofDays(1)).build(), soon()));
    DLQPolicy policy = server.asked(UpdateHeapConfigReq.class).get(0).getDlqPolicy();
    assertThat(policy.getEnabled()).isFalse();
    assertThat(policy.getRetentionTime().getSeconds()).isEqualTo(86_400);
  }

  @Test
  void deletesByForceAtOneEndpointOrAtAll() throws Exception {
    server.answer(DisheapMethods.DELETE_HEAP, q -> Empty.getDefaultInstance());
    other.answer(
        DisheapMethods.DELETE_HEAP,
        q -> {
          throw refusal(GrpcStatus.NOT_FOUND, "topic not found");
        });
    connectBoth("fan-out", "true");
    get(admin().delete(ResourceKind.QUEUE, NAME, soon()));
    assertThat(server.asked(DeleteHeapReq.class)).extracting(DeleteHeapReq::getForce).containsExactly(true);
    assertThat(other.asked(DeleteHeapReq.class)).hasSize(1);

    other.answer(
        DisheapMethods.UPDATE_HEAP_CONFIG,
        q -> {
          throw refusal(GrpcStatus.INTERNAL, "disk full");
        });
    server.answer(DisheapMethods.UPDATE_HEAP_CONFIG, q -> Empty.getDefaultInstance());
    PartialFailureException partial =
        failure(admin().updateQueue(NAME, QueueUpdate.builder().maxAttempts(3).build(), soon()), PartialFailureException.class);
    assertThat(partial.getMessage()).contains("disk full");
    assertThat(partial.outcomes()).hasSize(2);
  }

  @Test
  void aQueueThatNoEndpointHasCannotBeDeleted() throws Exception {
    for (ScriptedServer each : List.of(server, other)) {
      each.answer(
          DisheapMethods.DELETE_HEAP,
          q -> {
            throw refusal(GrpcStatus.NOT_FOUND, "topic not found");
          });
    }
    connectBoth("fan-out", "true");
    failure(admin().delete(ResourceKind.QUEUE, NAME, soon()), NotFoundException.class);
  }

  @Test
  void listsAllPagesOnceAndInOrder() throws Exception {
    server.answer(
        DisheapMethods.LIST_HEAPS,
        q ->
            q.getPageToken().isEmpty()
                ? page("2", "orders", "shop__eu__zebra", "bills")
                : page("", "orders", "no.name"));
    connect();
    List<ResourceInfo> listed = get(admin().list(ResourceKind.QUEUE, soon()));
    assertThat(listed)
        .extracting(info -> info.name().toString())
        .containsExactly("default/default/bills", "default/default/orders", "shop/eu/zebra");
  }

  private static ListHeapsResp page(String next, String... topics) {
    ListHeapsResp.Builder page = ListHeapsResp.newBuilder().setNextPageToken(next);
    List.of(topics).forEach(topic -> page.addHeaps(HeapInfo.newBuilder().setTopic(topic).setPartitions(1)));
    return page.build();
  }

  @Test
  void aListingWithoutAnEndIsNone() throws Exception {
    server.answer(DisheapMethods.LIST_HEAPS, q -> page("x" + q.getPageToken().length()));
    connect();
    failure(admin().list(ResourceKind.QUEUE, soon()), ProtocolViolationException.class);
    AtomicInteger pages = new AtomicInteger();
    server.answer(DisheapMethods.LIST_HEAPS, q -> page(Integer.toString(pages.incrementAndGet())));
    failure(admin().list(ResourceKind.QUEUE, soon()), ProtocolViolationException.class);
    assertThat(pages).hasValue(100);
  }
}
