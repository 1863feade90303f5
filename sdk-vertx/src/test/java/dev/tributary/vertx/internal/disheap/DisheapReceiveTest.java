package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import dev.tributary.error.NotFoundException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.Mode;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.disheap.proto.PopFilter;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DisheapReceiveTest extends DisheapTest {
  private final PopServer pops = new PopServer(server);
  private final BlockingQueue<NackReq> givenBack = new LinkedBlockingQueue<>();

  @BeforeEach
  void begin() {
    lists();
    server.on(
        DisheapMethods.NACK,
        (q, call) -> {
          released.add(String.valueOf(call.headers().get("tributary-release")));
          givenBack.add(q);
          call.response().end(Empty.getDefaultInstance());
        });
    connect();
  }

  private final BlockingQueue<String> released = new LinkedBlockingQueue<>();

  private CompletableFuture<List<LeasedJob>> receive(int max, Duration wait) {
    return queues().receive(NAME, max, Duration.ofSeconds(7), wait, soon());
  }

  private static int credits(PopServer.Stream stream) throws InterruptedException {
    return next(stream.asked).getFlowControl().getCredits();
  }

  @Test
  void asksByTheFilterFirstAndThenByCredits() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = queues().ofPartitions(Set.of(2, 1)).receive(NAME, 5, Duration.ofSeconds(7), Duration.ZERO, soon());
    PopServer.Stream stream = next(pops.streams);
    PopFilter filter = next(stream.asked).getFilter();
    assertThat(filter.getTopic()).isEqualTo("orders");
    assertThat(filter.getVisibilityTimeout().getSeconds()).isEqualTo(7);
    assertThat(filter.getPartitionIdsList()).containsExactly(1, 2);
    assertThat(credits(stream)).isEqualTo(5);
    assertThat(next(stream.ended)).isTrue();
    stream.send(PopServer.item("a"));
    stream.send(PopServer.item("b"));
    stream.end();
    assertThat(get(jobs)).extracting(LeasedJob::id).containsExactly("a", "b");
    assertThat(get(jobs)).extracting(Receipt::of).containsExactly(new Receipt(0, "token-a"), new Receipt(0, "token-b"));
  }

  @Test
  void theFirstJobEndsTheWait() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofSeconds(20));
    PopServer.Stream stream = next(pops.streams);
    next(stream.asked);
    assertThat(credits(stream)).isEqualTo(5);
    stream.send(PopServer.item("a"));
    assertThat(next(stream.ended)).isTrue();
    assertThat(jobs).isNotDone();
    stream.send(PopServer.item("b"));
    stream.end();
    assertThat(get(jobs)).hasSize(2);
  }

  @Test
  void asManyAsAskedForAreEnough() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(1, Duration.ofSeconds(20));
    PopServer.Stream stream = next(pops.streams);
    stream.send(PopServer.item("a"));
    assertThat(get(jobs)).hasSize(1);
    assertThat(next(stream.ended)).isTrue();
    stream.end();
  }

  @Test
  void theEndOfTheWaitEndsTheStreamAndNotItsJobs() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofMillis(50));
    PopServer.Stream stream = next(pops.streams);
    assertThat(next(stream.ended)).isTrue();
    stream.send(PopServer.item("a"));
    stream.end();
    assertThat(get(jobs)).hasSize(1);

    CompletableFuture<List<LeasedJob>> none = receive(5, Duration.ofMillis(50));
    next(pops.streams).end();
    assertThat(get(none)).isEmpty();
  }

  @Test
  void aServerThatDoesNotEndTheStreamCostsNoJobs() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofSeconds(20));
    PopServer.Stream stream = next(pops.streams);
    stream.send(PopServer.item("a"));
    assertThat(get(jobs)).hasSize(1);
  }

  @Test
  void aFailureAfterJobsCameCostsNoJobs() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofSeconds(20));
    PopServer.Stream stream = next(pops.streams);
    stream.send(PopServer.item("a"));
    assertThat(next(stream.ended)).isTrue();
    stream.end(GrpcStatus.UNAVAILABLE, "going down");
    assertThat(get(jobs)).hasSize(1);
  }

  @Test
  void aFailureWithoutJobsIsOne() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofSeconds(20));
    next(pops.streams).end(GrpcStatus.NOT_FOUND, "no such topic");
    failure(jobs, NotFoundException.class);
  }

  @Test
  void whatNobodyWaitsForIsGivenBack() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofSeconds(20));
    PopServer.Stream stream = next(pops.streams);
    next(stream.asked);
    next(stream.asked);
    stream.send(PopServer.item("a"));
    assertThat(next(stream.ended)).isTrue();
    jobs.cancel(true);
    stream.send(PopServer.item("b"));
    stream.end();
    NackReq first = next(givenBack);
    assertThat(Set.of(first.getMessageId(), next(givenBack).getMessageId())).containsExactlyInAnyOrder("a", "b");
    assertThat(first.getBackoffOverride().getSeconds()).isZero();
    assertThat(first.hasBackoffOverride()).isTrue();
    assertThat(first.hasReason()).isFalse();
    assertThat(released).containsExactly("1", "1");
    assertThat(first.getLeaseToken()).isEqualTo("token-" + first.getMessageId());
  }

  @Test
  void whoLeavesWantsNothingBeforeTheEnd() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ofSeconds(20));
    PopServer.Stream stream = next(pops.streams);
    next(stream.asked);
    next(stream.asked);
    jobs.cancel(true);
    PopOpen last = next(stream.asked);
    assertThat(last.hasFilter()).isTrue();
    assertThat(last.getFilter().getTopic()).isEmpty();
    assertThat(next(stream.ended)).isTrue();
    stream.end();
  }

  @Test
  void aLeaseIsAsLongAsWasAskedForFromWhenItsJobComesWhateverTheClocks() throws Exception {
    CompletableFuture<List<LeasedJob>> jobs = receive(5, Duration.ZERO);
    PopServer.Stream stream = next(pops.streams);
    // By a server's clock that is an hour behind, one that is an hour ahead, and one whose leases are shorter than they are asked for.
    stream.send(PopServer.item("a").toBuilder().setLeaseDeadline(PopServer.at(NOW.minusSeconds(3_600))).build());
    stream.send(PopServer.item("b").toBuilder().setLeaseDeadline(PopServer.at(NOW.plusSeconds(3_600))).build());
    stream.send(
        PopServer.item("c").toBuilder()
            .setEnqueuedTime(PopServer.at(NOW.plusSeconds(3_600)))
            .setLeaseDeadline(PopServer.at(NOW.plusSeconds(3_602)))
            .build());
    stream.end();
    assertThat(get(jobs)).extracting(job -> job.leaseDeadline().timeout().getSeconds()).containsExactly(7L, 7L, 2L);
  }

  @Test
  void jobsOfAMinHeapHaveTheirPrioritiesTurnedRound() throws Exception {
    mode = Mode.MIN;
    CompletableFuture<List<LeasedJob>> jobs = receive(2, Duration.ZERO);
    PopServer.Stream stream = next(pops.streams);
    stream.send(PopServer.item("a").toBuilder().setPriority(-5).build());
    stream.send(PopServer.item("b").toBuilder().setPriority(Long.MAX_VALUE).build());
    stream.end();
    assertThat(get(jobs)).extracting(LeasedJob::priority).containsExactly(5, -Integer.MAX_VALUE - 1);
  }
}
