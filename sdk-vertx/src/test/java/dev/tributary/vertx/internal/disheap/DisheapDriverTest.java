package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceKind;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.PayloadTooLargeException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnsupportedFeatureException;
import dev.tributary.queue.DeadLetter;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.PeekedJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.queue.QueueStats;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.HeapStats;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsResp;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.disheap.proto.PartitionStats;
import dev.tributary.vertx.internal.disheap.proto.PeekItem;
import dev.tributary.vertx.internal.disheap.proto.PeekReq;
import dev.tributary.vertx.internal.disheap.proto.PeekResp;
import dev.tributary.vertx.internal.disheap.proto.PurgeReq;
import dev.tributary.vertx.internal.disheap.proto.StatsResp;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse;
import dev.tributary.vertx.internal.health.proto.HealthCheckResponse.ServingStatus;
import dev.tributary.vertx.internal.health.proto.HealthMethods;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DisheapDriverTest extends DisheapTest {
  private static NewJob.Builder<byte[]> job(int payload) {
    return NewJob.builder(new byte[] {(byte) payload});
  }

  private CompletableFuture<List<Outcome<EnqueueResult>>> enqueue(boolean atomic, NewJob<?>... jobs) {
    @SuppressWarnings("unchecked")
    NewJob<byte[]>[] typed = (NewJob<byte[]>[]) jobs;
    return queues().enqueue(NAME, List.of(typed), atomic, soon());
  }

  /** One whose lease ends so many seconds from now. */
  private static LeasedJob leased(long seconds, int attempt, int maxAttempts) {
    Deadline end = Deadline.after(TimeSource.system(), Duration.ofSeconds(seconds));
    return new LeasedJob(
        "j", new Receipt(0, "token").toString(), new byte[] {1}, Map.of(), attempt, OptionalInt.of(maxAttempts), 0, null, end, OptionalLong.empty(), 0, null);
  }

  private void extendsTo(LeasedJob job, Duration by, long seconds) throws Exception {
    assertThat(settle(Settlement.Kind.EXTEND, job, by, null).orThrow().leaseDeadline().remaining())
        .isBetween(Duration.ofSeconds(seconds - 5), Duration.ofSeconds(seconds));
  }

  private Outcome<Settlement.Result> settle(Settlement.Kind kind, LeasedJob job, Duration duration, String reason) throws Exception {
    return get(queues().settle(NAME, List.of(new Settlement(kind, job, duration, reason)), soon())).get(0);
  }

  @Test
  void enqueuesOneJobByACallOfItsOwn() throws Exception {
    server.answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.newBuilder().setMessageId("id").setPartitionId(2).setDuplicate(true).build());
    connect();
    var results =
        get(
            enqueue(
                false,
                job(1)
                    .delay(Duration.ofNanos(1_500_000_000))
                    .partitionKey("k")
                    .maxAttempts(1)
                    .producerSequence(new ProducerSequence("p", 7, 9))
                    .build()));
    assertThat(results.get(0).orThrow()).isEqualTo(new EnqueueResult("id", OptionalLong.empty(), true, 2));
    EnqueueReq asked = server.asked(EnqueueReq.class).get(0);
    assertThat(asked.getTopic()).isEqualTo("orders");
    assertThat(asked.getNotBefore().getSeconds()).isEqualTo(1);
    assertThat(asked.getNotBefore().getNanos()).isEqualTo(500_000_000);
    assertThat(asked.getPartitionKey()).isEqualTo("k");
    assertThat(asked.hasMaxRetries()).isTrue();
    assertThat(asked.getMaxRetries()).isZero();
    assertThat(asked.getProducerId()).isEqualTo("p");
    assertThat(asked.getEpoch()).isEqualTo(7);
    assertThat(asked.getSequence()).isEqualTo(9);
    assertThat(server.asked(ListHeapsReq.class)).isEmpty();
  }

  @Test
  void aDeduplicationIdIsAProducerOfOneJob() throws Exception {
    server.answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.getDefaultInstance());
    connect();
    get(enqueue(false, job(1).deduplicationId("x".repeat(255)).build()));
    EnqueueReq asked = server.asked(EnqueueReq.class).get(0);
    assertThat(asked.getProducerId()).hasSize(255);
    assertThat(asked.getEpoch()).isEqualTo(1);
    assertThat(asked.getSequence()).isEqualTo(1);

    assertThatThrownBy(() -> enqueue(false, job(1).deduplicationId("x".repeat(256)).build())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked(EnqueueReq.class)).hasSize(1);
  }

  @Test
  void enqueuesSeveralInOneCall() throws Exception {
    server.answer(
        DisheapMethods.ENQUEUE_BATCH,
        q -> {
          EnqueueBatchResp.Builder answer = EnqueueBatchResp.newBuilder();
          q.getRequestsList().forEach(r -> answer.addResponses(EnqueueResp.newBuilder().setMessageId("j" + r.getPayload().byteAt(0))));
          return answer.build();
        });
    connect();
    assertThat(get(enqueue(false, job(1).build(), job(2).build()))).extracting(r -> r.orThrow().id()).containsExactly("j1", "j2");
    assertThat(get(enqueue(true, job(3).build(), job(4).build()))).extracting(r -> r.orThrow().id()).containsExactly("j3", "j4");
    assertThat(server.asked(EnqueueBatchReq.class)).hasSize(2);
  }

  @Test
  void aBadJobDoesNotHoldUpTheGoodOnesOfItsBatch() throws Exception {
    server
        .answer(
            DisheapMethods.ENQUEUE_BATCH,
            q -> {
              throw refusal(GrpcStatus.INVALID_ARGUMENT, "request 1: payload too large");
            })
        .answer(
            DisheapMethods.ENQUEUE,
            q -> {
              if (q.getPayload().byteAt(0) == 2) {
                throw refusal(GrpcStatus.INVALID_ARGUMENT, "payload too large");
              }
              return EnqueueResp.newBuilder().setMessageId("j" + q.getPayload().byteAt(0)).build();
            });
    connect();
    var outcomes = get(enqueue(false, job(1).build(), job(2).build(), job(3).build()));
    assertThat(outcomes.get(0).orThrow().id()).isEqualTo("j1");
    assertThat(outcomes.get(1).error()).isInstanceOf(InvalidRequestException.class);
    assertThat(outcomes.get(2).orThrow().id()).isEqualTo("j3");

    failure(enqueue(true, job(1).build(), job(2).build()), InvalidRequestException.class);
    assertThat(server.asked(EnqueueReq.class)).hasSize(3);
  }

  @Test
  void aBatchThatBreaksOffMayHaveBeenStored() throws Exception {
    server.answer(
        DisheapMethods.ENQUEUE_BATCH,
        q -> {
          throw refusal(GrpcStatus.INTERNAL, "failed to enqueue request 1: rpc error: code = Internal");
        });
    connect();
    ServerErrorException error = failure(enqueue(false, job(1).build(), job(2).build()), ServerErrorException.class);
    assertThat(error.maybeApplied()).isTrue();
    assertThat(error.getMessage()).contains("request 1");
    assertThat(server.asked(EnqueueReq.class)).isEmpty();
  }

  private void stopsBatchesAt(int index, String code, String text) {
    server
        .answer(
            DisheapMethods.ENQUEUE_BATCH,
            q -> {
              throw refusal(GrpcStatus.INTERNAL, "could not store the one at index " + index + ": rpc error: code = " + code + " desc = " + text);
            })
        .answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.newBuilder().setMessageId("j" + q.getPayload().byteAt(0)).build());
  }

  @Test
  void aBatchThatStopsAtItsFirstJobFailsAsThatJobDoes() throws Exception {
    stopsBatchesAt(0, "NotFound", "no topic orders");
    connect();
    NotFoundException error = failure(enqueue(false, job(1).build(), job(2).build()), NotFoundException.class);
    assertThat(error.getMessage()).contains("job 0 of the batch: no topic orders");
    assertThat(error.maybeApplied()).isFalse();
    assertThat(server.asked(EnqueueReq.class)).isEmpty();
  }

  @Test
  void aBatchThatStopsAtABadFirstJobIsSentOneByOne() throws Exception {
    stopsBatchesAt(0, "InvalidArgument", "too large");
    connect();
    assertThat(get(enqueue(false, job(1).build(), job(2).build()))).extracting(r -> r.orThrow().id()).containsExactly("j1", "j2");
  }

  @Test
  void aBatchThatStopsLaterFailsAsThatJobDoesAndMayHaveBeenStored() throws Exception {
    stopsBatchesAt(1, "InvalidArgument", "too large");
    connect();
    for (boolean atomic : new boolean[] {false, true}) {
      InvalidRequestException error = failure(enqueue(atomic, job(1).build(), job(2).build()), InvalidRequestException.class);
      assertThat(error.getMessage()).contains("job 1 of the batch: too large");
      assertThat(error.maybeApplied()).isTrue();
    }
    assertThat(server.asked(EnqueueReq.class)).isEmpty();
  }

  @Test
  void prioritiesAreTurnedRoundForAMinHeap() throws Exception {
    mode = Mode.MIN;
    lists();
    server.answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.getDefaultInstance());
    connect();
    get(enqueue(false, job(1).priority(5).build()));
    get(enqueue(false, job(1).priority(-7).build()));
    assertThat(server.asked(EnqueueReq.class)).extracting(EnqueueReq::getPriority).containsExactly(-5L, 7L);
    assertThat(server.asked(ListHeapsReq.class)).hasSize(1);
    assertThatThrownBy(() -> enqueue(false, job(1).priority(1_000_001).build())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked(EnqueueReq.class)).hasSize(2);
  }

  @Test
  void aBrokenLookForTheModeHasStoredNothing() throws Exception {
    server.answer(
        DisheapMethods.LIST_HEAPS,
        q -> {
          throw refusal(GrpcStatus.UNAVAILABLE, "shutting down");
        });
    connect();
    ConnectionFailedException error = failure(enqueue(false, job(1).priority(5).build()), ConnectionFailedException.class);
    assertThat(error.maybeApplied()).isFalse();
    assertThat(server.asked(EnqueueReq.class)).isEmpty();
  }

  @Test
  void settlesByTheLease() throws Exception {
    server
        .answer(DisheapMethods.ACK, q -> Empty.getDefaultInstance())
        .answer(DisheapMethods.NACK, q -> Empty.getDefaultInstance())
        .answer(DisheapMethods.MOVE_TO_DLQ, q -> Empty.getDefaultInstance());
    connect();
    LeasedJob job = leased(30, 1, 2);
    assertThat(settle(Settlement.Kind.ACK, job, null, null).orThrow()).isEqualTo(Settlement.Result.DONE);
    assertThat(server.asked(AckReq.class))
        .containsExactly(AckReq.newBuilder().setTopic("orders").setMessageId("j").setLeaseToken("token").build());

    assertThat(settle(Settlement.Kind.NACK, job, Duration.ofMillis(1), "why").orThrow().deadLettered()).isFalse();
    NackReq nack = server.asked(NackReq.class).get(0);
    assertThat(nack.getBackoffOverride().getNanos()).isEqualTo(1_000_000);
    assertThat(nack.getReason()).isEqualTo("why");
    assertThat(settle(Settlement.Kind.NACK, leased(30, 2, 2), null, null).orThrow().deadLettered()).isTrue();
    assertThat(server.asked(NackReq.class).get(1).hasBackoffOverride()).isFalse();

    assertThat(settle(Settlement.Kind.REJECT, job, null, "bad").orThrow().deadLettered()).isTrue();
    assertThat(server.asked(MoveToDlqReq.class).get(0).getReason()).isEqualTo("bad");
    assertThat(settle(Settlement.Kind.REJECT, leased(-1, 1, 2), null, "bad").error())
        .isInstanceOf(LeaseLostException.class);
    assertThat(server.asked(MoveToDlqReq.class)).hasSize(1);
  }

  @Test
  void anExtensionBeginsAtTheEndOfTheLeaseAndGoesBySteps() throws Exception {
    server.answer(DisheapMethods.EXTEND, q -> Empty.getDefaultInstance());
    connect();
    extendsTo(leased(100, 1, 0), Duration.ofSeconds(350), 350);
    List<ExtendReq> asked = server.asked(ExtendReq.class);
    assertThat(asked).hasSize(1);
    assertThat(asked.get(0).getLeaseToken()).isEqualTo("token");
    assertThat(asked.get(0).getExtension().getSeconds()).isEqualTo(250);

    // 800 s from now is 700 s more, and no call adds more than 300 s.
    extendsTo(leased(100, 1, 0), Duration.ofSeconds(800), 800);
    assertThat(server.asked(ExtendReq.class)).extracting(q -> q.getExtension().getSeconds()).containsExactly(250L, 300L, 300L, 100L);

    // It reaches as far already.
    extendsTo(leased(100, 1, 0), Duration.ofSeconds(50), 100);
    assertThat(server.asked(ExtendReq.class)).hasSize(4);
  }

  @Test
  void aReleaseIsANackThatSaysThatNobodyBegan() throws Exception {
    CompletableFuture<String> marker = new CompletableFuture<>();
    server.on(
        DisheapMethods.NACK,
        (q, call) -> {
          marker.complete(String.valueOf(call.headers().get("tributary-release")));
          call.response().end(Empty.getDefaultInstance());
        });
    connect();
    assertThat(settle(Settlement.Kind.RELEASE, leased(30, 1, 2), null, null).orThrow().deadLettered()).isFalse();
    assertThat(get(marker)).isEqualTo("1");
    NackReq nack = server.asked(NackReq.class).get(0);
    assertThat(nack.getBackoffOverride()).isEqualTo(com.google.protobuf.Duration.getDefaultInstance());
    assertThat(nack.hasReason()).isFalse();
  }

  @Test
  void aSettlementsErrorIsItsOwn() throws Exception {
    server.answer(
        DisheapMethods.ACK,
        q -> {
          throw refusal(GrpcStatus.UNAVAILABLE, "no");
        });
    connect();
    LeasedJob job = leased(30, 1, 2);
    LeasedJob other =
        new LeasedJob(
            "o", new Receipt(0, "x").toString(), new byte[] {1}, Map.of(), 1, OptionalInt.of(2), 0, null, job.leaseDeadline(), OptionalLong.empty(), 0, null);
    List<Outcome<Settlement.Result>> outcomes =
        get(
            queues()
                .settle(
                    NAME,
                    List.of(
                        new Settlement(Settlement.Kind.ACK, job, null, null), new Settlement(Settlement.Kind.ACK, other, null, null)),
                    soon()));
    assertThat(outcomes).extracting(Outcome::error).allMatch(ConnectionFailedException.class::isInstance).doesNotHaveDuplicates();
  }

  @Test
  void anExtensionGoesAsFarAsTheServerLets() throws Exception {
    server.answer(
        DisheapMethods.EXTEND,
        q -> {
          if (server.asked(ExtendReq.class).size() > 2) {
            throw refusal(GrpcStatus.FAILED_PRECONDITION, "extension limit reached");
          }
          return Empty.getDefaultInstance();
        });
    connect();
    extendsTo(leased(0, 1, 0), Duration.ofHours(1), 600);
    assertThat(settle(Settlement.Kind.EXTEND, leased(0, 1, 0), Duration.ofHours(1), null).error()).isInstanceOf(LeaseLostException.class);
  }

  @Test
  void aLeaseThatTheServerDoesNotKnowIsLost() throws Exception {
    server
        .answer(
            DisheapMethods.ACK,
            q -> {
              throw refusal(GrpcStatus.FAILED_PRECONDITION, "lease expired");
            })
        .answer(
            DisheapMethods.NACK,
            q -> {
              throw refusal(GrpcStatus.NOT_FOUND, "no such message");
            });
    connect();
    LeasedJob job = leased(30, 1, 2);
    assertThat(settle(Settlement.Kind.ACK, job, null, null).error()).isInstanceOf(LeaseLostException.class);
    assertThat(settle(Settlement.Kind.NACK, job, null, null).error()).isInstanceOf(LeaseLostException.class);
  }

  private static PeekItem.Builder peeked(String id) {
    return PeekItem.newBuilder().setMessageId(id).setPayload(ByteString.copyFromUtf8(id)).setMaxRetries(3);
  }

  @Test
  void looksAtJobsOfSomePartitionsBestFirst() throws Exception {
    lists();
    server.answer(
        DisheapMethods.PEEK,
        q ->
            switch (q.getPartitionId()) {
              case 1 -> PeekResp.newBuilder().addItems(peeked("a").setPriority(3)).addItems(peeked("b").setPriority(1)).build();
              case 2 -> PeekResp.newBuilder()
                  .addItems(peeked("c").setPriority(2).setIsLeased(true).setLeaseDeadline(PopServer.at(NOW)).setAttempts(1))
                  .addItems(peeked("d").setInDlq(true))
                  .build();
              default -> PeekResp.newBuilder().addItems(peeked("e")).build();
            });
    connect();
    List<PeekedJob<byte[]>> some = get(queues().ofPartitions(Set.of(1, 2)).peek(NAME, 2, soon()));
    assertThat(some).extracting(PeekedJob::id).containsExactly("a", "c");
    assertThat(some.get(1).leased()).isTrue();
    assertThat(some.get(1).leaseDeadline()).isEqualTo(NOW);
    assertThat(some.get(0).maxAttempts()).hasValue(4);
    assertThat(get(queues().peek(NAME, 2, soon()))).extracting(PeekedJob::id).containsExactly("e");
    assertThat(server.asked(PeekReq.class)).extracting(PeekReq::hasPartitionId).containsExactlyInAnyOrder(true, true, false);
    assertThat(server.asked(PeekReq.class)).allMatch(q -> q.getLimit() == 2 && !q.getIncludeDlq());
  }

  @Test
  void countsWhatTheServerCounts() throws Exception {
    server.answer(
        DisheapMethods.STATS,
        q ->
            StatsResp.newBuilder()
                .putTopicStats(
                    "orders",
                    HeapStats.newBuilder()
                        .setTotalMessages(10)
                        .setInflightMessages(4)
                        .setTotalEnqueues(50)
                        .setTotalAcks(40)
                        .setDlqMessages(2)
                        .putPartitionStats(0, PartitionStats.newBuilder().setMessages(7).setInflight(3).build())
                        .putPartitionStats(1, PartitionStats.newBuilder().setPartitionId(1).setMessages(3).setInflight(1).build())
                        .build())
                .build());
    connect();
    assertThat(get(queues().stats(NAME, soon())))
        .isEqualTo(new QueueStats(6, 4, OptionalLong.of(50), OptionalLong.of(40), OptionalLong.of(2), null));
    QueueStats some = get(queues().ofPartitions(Set.of(1)).stats(NAME, soon()));
    assertThat(some.pending()).isEqualTo(2);
    assertThat(some.inFlight()).isEqualTo(1);
    failure(queues().ofPartitions(Set.of(9)).stats(NAME, soon()), UnsupportedFeatureException.class);
    failure(queues().stats(NAME.withName("others"), soon()), UnsupportedFeatureException.class);
  }

  @Test
  void purgesByForce() throws Exception {
    server.answer(
        DisheapMethods.PURGE,
        q -> {
          if (q.getPartitionId() == 2) {
            throw refusal(GrpcStatus.UNIMPLEMENTED, "not implemented");
          }
          return Empty.getDefaultInstance();
        });
    connect();
    get(queues().purge(NAME, soon()));
    assertThat(server.asked(PurgeReq.class)).containsExactly(PurgeReq.newBuilder().setTopic("orders").setForce(true).build());
    assertThat(failure(queues().ofPartitions(Set.of(1, 2)).purge(NAME, soon()), UnsupportedFeatureException.class).maybeApplied()).isTrue();
    assertThat(failure(queues().ofPartitions(Set.of(2)).purge(NAME, soon()), UnsupportedFeatureException.class).maybeApplied()).isFalse();
  }

  @Test
  void listsDeadLettersWhereverTheyStand() throws Exception {
    server.answer(
        DisheapMethods.PEEK,
        q ->
            q.getLimit() == 1
                ? PeekResp.newBuilder().addItems(peeked("alive")).setHasMore(true).build()
                : PeekResp.newBuilder().addItems(peeked("alive")).addItems(peeked("dead").setInDlq(true).setAttempts(4)).build());
    connect();
    List<DeadLetter<byte[]>> dead = get(queues().deadLetters().list(NAME, 1, soon()));
    assertThat(dead).extracting(DeadLetter::id).containsExactly("dead");
    assertThat(dead.get(0).attempts()).hasValue(4);
    assertThat(server.asked(PeekReq.class)).allMatch(PeekReq::getIncludeDlq);
    assertThatThrownBy(() -> queues().deadLetters().replay(NAME, "dead", soon())).isInstanceOf(UnsupportedFeatureException.class);
    assertThatThrownBy(() -> queues().deadLetters().purge(NAME, soon())).isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void whatTheEngineDoesNotHaveIsUnsupported() throws Exception {
    server.answer(
        DisheapMethods.MOVE_TO_DLQ,
        q -> {
          throw refusal(GrpcStatus.UNIMPLEMENTED, "MoveToDLQ not yet implemented");
        });
    connect();
    assertThat(settle(Settlement.Kind.REJECT, leased(10, 1, 2), null, null).error())
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void sortsErrorsByWhatTheyMean() throws Exception {
    connect();
    assertThat(enqueueing(GrpcStatus.RESOURCE_EXHAUSTED, "message larger than max")).isInstanceOf(PayloadTooLargeException.class);
    assertThat(enqueueing(GrpcStatus.ABORTED, "producer was fenced")).isInstanceOf(ConflictException.class);
    assertThat(enqueueing(GrpcStatus.NOT_FOUND, "topic not found")).isInstanceOf(NotFoundException.class);
    assertThat(enqueueing(GrpcStatus.INTERNAL, "disk full").retryable()).isFalse();
    assertThat(enqueueing(GrpcStatus.INTERNAL, "node is not leader").retryable()).isTrue();
    assertThat(enqueueing(GrpcStatus.INTERNAL, "leadership lost").maybeApplied()).isTrue();
  }

  private TributaryException enqueueing(GrpcStatus status, String message) throws Exception {
    server.answer(
        DisheapMethods.ENQUEUE,
        q -> {
          throw refusal(status, message);
        });
    return failure(enqueue(false, job(1).build()), TributaryException.class);
  }

  @Test
  void aHeapThatWasNotThereMayComeBackTheOtherWay() throws Exception {
    lists();
    server.answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.getDefaultInstance());
    connect();
    get(enqueue(false, job(1).priority(5).build()));
    enqueueing(GrpcStatus.NOT_FOUND, "topic not found");
    mode = Mode.MIN;
    server.answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.getDefaultInstance());
    get(enqueue(false, job(1).priority(5).build()));
    assertThat(server.asked(EnqueueReq.class)).extracting(EnqueueReq::getPriority).containsExactly(5L, 0L, -5L);
  }

  @Test
  void aHeapThatIsNotListedIsTakenForWhatIsConfigured() throws Exception {
    server
        .answer(DisheapMethods.LIST_HEAPS, q -> ListHeapsResp.getDefaultInstance())
        .answer(DisheapMethods.PEEK, q -> PeekResp.getDefaultInstance())
        .answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.getDefaultInstance());
    connect(config().option("mode", "min"));
    get(enqueue(false, job(1).priority(5).build()));
    assertThat(server.asked(EnqueueReq.class).get(0).getPriority()).isEqualTo(-5);
  }

  @Test
  void nothingIsSentForANameThatTheWireCannotSay() throws Exception {
    connect();
    ResourceName unspeakable = NAME.withName(".".repeat(200));
    assertThatThrownBy(() -> queues().enqueue(unspeakable, List.of(job(1).build()), false, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> queues().receive(unspeakable, 1, Duration.ofSeconds(1), Duration.ZERO, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> queues().peek(unspeakable, 1, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> queues().stats(unspeakable, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> queues().purge(unspeakable, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> queues().deadLetters().list(unspeakable, 1, soon())).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> driver.admin().orElseThrow().delete(ResourceKind.QUEUE, unspeakable, soon())).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void namesOfOtherPlacesAreEscaped() throws Exception {
    server.answer(DisheapMethods.ENQUEUE, q -> EnqueueResp.getDefaultInstance());
    connect();
    get(queues().enqueue(new ResourceName("shop", "eu", "new_orders"), List.of(job(1).build()), false, soon()));
    assertThat(server.asked(EnqueueReq.class).get(0).getTopic()).isEqualTo("shop__eu__new_5Forders");
  }

  @Test
  void isLiveWhenItAnswersAndReadyWhenItServes() throws Exception {
    server.answer(
        HealthMethods.CHECK,
        q -> {
          if (q.getService().isEmpty()) {
            return HealthCheckResponse.newBuilder().setStatus(ServingStatus.NOT_SERVING).build();
          }
          assertThat(q.getService()).isEqualTo("disheap.v1.Disheap");
          return HealthCheckResponse.newBuilder().setStatus(ServingStatus.SERVING).build();
        });
    connect();
    assertThat(get(driver.health().live(soon()))).isTrue();
    assertThat(get(driver.health().ready(soon()))).isTrue();
    server.answer(
        HealthMethods.CHECK,
        q -> {
          throw refusal(GrpcStatus.NOT_FOUND, "unknown service");
        });
    assertThat(get(driver.health().ready(soon()))).isFalse();
    failure(driver.health().live(soon()), NotFoundException.class);
  }
}
