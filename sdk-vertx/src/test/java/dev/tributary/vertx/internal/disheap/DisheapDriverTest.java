package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import dev.tributary.Outcome;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.LeaseLostException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.ProducerSequence;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.vertx.internal.disheap.proto.AckReq;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueBatchResp;
import dev.tributary.vertx.internal.disheap.proto.EnqueueReq;
import dev.tributary.vertx.internal.disheap.proto.EnqueueResp;
import dev.tributary.vertx.internal.disheap.proto.ExtendReq;
import dev.tributary.vertx.internal.disheap.proto.ListHeapsReq;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.MoveToDlqReq;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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

  private static LeasedJob leased(Instant end, int attempt, int maxAttempts) {
    return new LeasedJob(
        "j", "token", new byte[] {1}, Map.of(), attempt, maxAttempts, 0, null, end, OptionalLong.empty(), 0, null);
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

    failure(enqueue(false, job(1).deduplicationId("x".repeat(256)).build()), InvalidRequestException.class);
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
    failure(enqueue(false, job(1).priority(1_000_001).build()), InvalidRequestException.class);
    assertThat(server.asked(EnqueueReq.class)).hasSize(2);
  }

  @Test
  void settlesByTheLease() throws Exception {
    server
        .answer(DisheapMethods.ACK, q -> Empty.getDefaultInstance())
        .answer(DisheapMethods.NACK, q -> Empty.getDefaultInstance())
        .answer(DisheapMethods.MOVE_TO_DLQ, q -> Empty.getDefaultInstance());
    connect();
    LeasedJob job = leased(NOW.plusSeconds(30), 1, 2);
    assertThat(settle(Settlement.Kind.ACK, job, null, null).orThrow()).isEqualTo(Settlement.Result.DONE);
    assertThat(server.asked(AckReq.class))
        .containsExactly(AckReq.newBuilder().setTopic("orders").setMessageId("j").setLeaseToken("token").build());

    assertThat(settle(Settlement.Kind.NACK, job, Duration.ofMillis(1), "why").orThrow().deadLettered()).isFalse();
    NackReq nack = server.asked(NackReq.class).get(0);
    assertThat(nack.getBackoffOverride().getNanos()).isEqualTo(1_000_000);
    assertThat(nack.getReason()).isEqualTo("why");
    assertThat(settle(Settlement.Kind.NACK, leased(job.leaseDeadline(), 2, 2), null, null).orThrow().deadLettered()).isTrue();
    assertThat(server.asked(NackReq.class).get(1).hasBackoffOverride()).isFalse();

    assertThat(settle(Settlement.Kind.REJECT, job, null, "bad").orThrow().deadLettered()).isTrue();
    assertThat(server.asked(MoveToDlqReq.class).get(0).getReason()).isEqualTo("bad");
    assertThat(settle(Settlement.Kind.REJECT, leased(NOW.minusSeconds(1), 1, 2), null, "bad").error())
        .isInstanceOf(LeaseLostException.class);
    assertThat(server.asked(MoveToDlqReq.class)).hasSize(1);
  }

  @Test
  void anExtensionBeginsAtTheEndOfTheLeaseAndGoesBySteps() throws Exception {
    server.answer(DisheapMethods.EXTEND, q -> Empty.getDefaultInstance());
    connect();
    Instant end = NOW.plusSeconds(100);
    Instant extended = settle(Settlement.Kind.EXTEND, leased(end, 1, 0), Duration.ofSeconds(400), null).orThrow().leaseDeadline();
    assertThat(extended).isEqualTo(NOW.plusSeconds(400));
    List<ExtendReq> asked = server.asked(ExtendReq.class);
    assertThat(asked).hasSize(1);
    assertThat(asked.get(0).getLeaseToken()).isEqualTo("token");
    assertThat(asked.get(0).getExtension().getSeconds()).isEqualTo(300);

    // 800 s from now is 700 s more, and no call adds more than 300 s.
    assertThat(settle(Settlement.Kind.EXTEND, leased(end, 1, 0), Duration.ofSeconds(800), null).orThrow().leaseDeadline())
        .isEqualTo(NOW.plusSeconds(800));
    assertThat(server.asked(ExtendReq.class)).extracting(q -> q.getExtension().getSeconds()).containsExactly(300L, 300L, 300L, 100L);

    // It reaches as far already.
    assertThat(settle(Settlement.Kind.EXTEND, leased(end, 1, 0), Duration.ofSeconds(50), null).orThrow().leaseDeadline()).isEqualTo(end);
    assertThat(server.asked(ExtendReq.class)).hasSize(4);
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
    Instant end = NOW;
    assertThat(settle(Settlement.Kind.EXTEND, leased(end, 1, 0), Duration.ofHours(1), null).orThrow().leaseDeadline())
        .isEqualTo(end.plusSeconds(600));
    assertThat(settle(Settlement.Kind.EXTEND, leased(end, 1, 0), Duration.ofHours(1), null).error()).isInstanceOf(LeaseLostException.class);
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
    LeasedJob job = leased(NOW.plusSeconds(30), 1, 2);
    assertThat(settle(Settlement.Kind.ACK, job, null, null).error()).isInstanceOf(LeaseLostException.class);
    assertThat(settle(Settlement.Kind.NACK, job, null, null).error()).isInstanceOf(LeaseLostException.class);
  }
}
