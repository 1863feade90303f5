package dev.tributary.vertx.internal.goqueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Settlement;
import dev.tributary.vertx.internal.goqueue.client.Deliveries;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class QueuePollerTest {
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration LONGEST = Duration.ofSeconds(25);
  private static final Duration KEPT = Duration.ofSeconds(5);
  private static Vertx vertx;

  private final ContextInternal loop = ((VertxInternal) vertx).createEventLoopContext();
  private final ManualTime time = new ManualTime();
  private final Server server = new Server();
  private final QueuePoller poller = new QueuePoller(server, time, loop);

  @BeforeAll
  static void start() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private record Asked(int most, Duration stay, CompletableFuture<List<LeasedJob>> answer) {}

  /** Remembers what it was asked, and answers when the test does. */
  private static final class Server implements QueuePoller.Jobs, Deliveries {
    final List<Asked> asked = new CopyOnWriteArrayList<>();
    final List<String> back = new CopyOnWriteArrayList<>();
    volatile Duration longest = LONGEST;

    @Override
    public CompletableFuture<List<LeasedJob>> poll(int most, Duration lease, Duration wait) {
      assertThat(lease).isEqualTo(LEASE);
      Asked poll = new Asked(most, wait, new CompletableFuture<>());
      asked.add(poll);
      return poll.answer();
    }

    @Override
    public CompletableFuture<List<LeasedJob>> lease(List<LeasedJob> jobs, Duration lease) {
      return CompletableFuture.completedFuture(jobs);
    }

    @Override
    public Deliveries deliveries() {
      return this;
    }

    @Override
    public Duration longest() {
      return longest;
    }

    @Override
    public Duration kept() {
      return KEPT;
    }

    @Override
    public CompletableFuture<Settlement.Result> settle(Settlement settlement, Deadline deadline) {
      throw new AssertionError("a poller settles nothing");
    }

    @Override
    public boolean idle() {
      return true;
    }

    @Override
    public CompletableFuture<?> close() {
      throw new AssertionError("a poller closes what it polls only by its owner");
    }

    @Override
    public CompletableFuture<?> giveBack(LeasedJob job) {
      back.add(job.id());
      return CompletableFuture.completedFuture(null);
    }
  }

  private static LeasedJob job(int number, int priority) {
    return new LeasedJob(
        "0:" + number, "r" + number, new byte[0], Map.of(), 1, OptionalInt.of(3), priority, Instant.EPOCH, null, OptionalLong.of(number), 0, null);
  }

  private static List<LeasedJob> jobs(int from, int end) {
    return IntStream.range(from, end).mapToObj(number -> job(number, 0)).toList();
  }

  private CompletableFuture<List<LeasedJob>> receive(int max, Duration wait) throws Exception {
    CompletableFuture<List<LeasedJob>> receive = poller.receive(max, LEASE, wait);
    quiet();
    return receive;
  }

  private void answer(int poll, List<LeasedJob> jobs) throws Exception {
    server.asked.get(poll).answer().complete(jobs);
    quiet();
  }

  /** Until the loop has done what there was to do. */
  private void quiet() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Void> turn = new CompletableFuture<>();
      loop.runOnContext(now -> turn.complete(null));
      turn.get(10, TimeUnit.SECONDS);
    }
  }

  private void pass(Duration duration) throws Exception {
    time.pass(duration);
    quiet();
  }

  private static List<String> ids(CompletableFuture<List<LeasedJob>> receive) {
    assertThat(receive).isCompleted();
    return receive.join().stream().map(LeasedJob::id).toList();
  }

  @Test
  void onePollWaitsForEverybody() throws Exception {
    CompletableFuture<List<LeasedJob>> first = receive(2, LONG);
    assertThat(server.asked).singleElement().satisfies(poll -> assertThat(poll.most()).isEqualTo(2));
    assertThat(server.asked.get(0).stay()).isEqualTo(LONG);
    CompletableFuture<List<LeasedJob>> second = receive(3, LONG);
    CompletableFuture<List<LeasedJob>> third = receive(3, LONG);
    assertThat(server.asked).hasSize(2);
    assertThat(server.asked.get(1).stay()).as("a look what is there for who came later").isZero();
    answer(1, List.of());
    assertThat(server.asked).as("a look for the third").hasSize(3);
    answer(2, List.of());
    answer(0, jobs(0, 2));
    assertThat(ids(first)).containsExactly("0:0", "0:1");
    assertThat(server.asked).hasSize(4);
    assertThat(server.asked.get(3).most()).as("for both that are left").isEqualTo(6);
    answer(3, jobs(2, 6));
    assertThat(ids(second)).containsExactly("0:2", "0:3", "0:4");
    assertThat(ids(third)).containsExactly("0:5");
    assertThat(server.back).isEmpty();
  }

  @Test
  void aLookDoesNotWaitForAPollThatDoes() throws Exception {
    receive(1, LONG);
    CompletableFuture<List<LeasedJob>> look = receive(1, Duration.ZERO);
    answer(1, List.of());
    assertThat(ids(look)).isEmpty();
  }

  @Test
  void nobodyWaitsForLongerThanHeAskedTo() throws Exception {
    CompletableFuture<List<LeasedJob>> patient = receive(1, LONG);
    CompletableFuture<List<LeasedJob>> hasty = receive(1, Duration.ofSeconds(2));
    answer(1, List.of());
    pass(Duration.ofSeconds(2));
    assertThat(ids(hasty)).isEmpty();
    assertThat(patient).isNotDone();
    pass(Duration.ofSeconds(18));
    assertThat(patient).as("the poll asks for it still").isNotDone();
    answer(0, jobs(0, 1));
    assertThat(ids(patient)).containsExactly("0:0");
  }

  @Test
  void aServerIsNotAskedToWaitForLongerThanItMay() throws Exception {
    receive(1, Duration.ofMinutes(5));
    assertThat(server.asked.get(0).stay()).isEqualTo(LONGEST);
    pass(LONGEST);
    answer(0, List.of());
    assertThat(server.asked).hasSize(2);
  }

  @Test
  void oneShortPollFollowsAnotherUntilTheTimeIsOver() throws Exception {
    server.longest = Duration.ofSeconds(1);
    CompletableFuture<List<LeasedJob>> receive = receive(1, Duration.ofMillis(2_500));
    pass(Duration.ofSeconds(1));
    answer(0, List.of());
    pass(Duration.ofSeconds(1));
    answer(1, List.of());
    assertThat(receive).isNotDone();
    pass(Duration.ofMillis(500));
    answer(2, List.of());
    assertThat(ids(receive)).isEmpty();
    assertThat(server.asked).extracting(Asked::stay).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(500));
  }

  @Test
  void aServerThatDoesNotWaitIsNotAskedAgainAtOnce() throws Exception {
    server.longest = Duration.ofSeconds(1);
    CompletableFuture<List<LeasedJob>> receive = receive(1, LONG);
    pass(Duration.ofMillis(499));
    answer(0, List.of());
    assertThat(ids(receive)).isEmpty();
    assertThat(server.asked).hasSize(1);
  }

  @Test
  void whereAServerDoesNotWaitTheCallerPauses() throws Exception {
    CompletableFuture<List<LeasedJob>> receive = receive(1, LONG);
    answer(0, List.of());
    assertThat(ids(receive)).isEmpty();
    assertThat(server.asked).hasSize(1);
  }

  @Test
  void aPollThatNobodyWaitsForIsLetGo() throws Exception {
    CompletableFuture<List<LeasedJob>> receive = receive(1, LONG);
    receive.cancel(true);
    quiet();
    assertThat(server.asked.get(0).answer()).isCancelled();
    assertThat(poller.busy()).isFalse();
    CompletableFuture<List<LeasedJob>> next = receive(1, LONG);
    answer(1, jobs(0, 1));
    assertThat(ids(next)).hasSize(1);
  }

  @Test
  void aPollThatOthersWaitForGoesOn() throws Exception {
    CompletableFuture<List<LeasedJob>> first = receive(1, LONG);
    CompletableFuture<List<LeasedJob>> second = receive(1, LONG);
    answer(1, List.of());
    first.cancel(true);
    quiet();
    answer(0, jobs(0, 1));
    assertThat(ids(second)).containsExactly("0:0");
  }

  @Test
  void whatNobodyTakesGoesToTheNextOrBack() throws Exception {
    receive(1, LONG);
    answer(0, List.of(job(3, 3), job(0, 0), job(1, 2), job(2, 1)));
    assertThat(ids(receive(1, Duration.ZERO))).as("the best first").containsExactly("0:1");
    assertThat(server.asked).hasSize(1);
    pass(KEPT.minusMillis(1));
    assertThat(server.back).isEmpty();
    pass(Duration.ofMillis(1));
    assertThat(server.back).containsExactlyInAnyOrder("0:2", "0:0");
    assertThat(poller.busy()).isFalse();
  }

  @Test
  void aPollThatFailsFailsForThoseItAskedFor() throws Exception {
    CompletableFuture<List<LeasedJob>> first = receive(1, LONG);
    CompletableFuture<List<LeasedJob>> second = receive(1, LONG);
    server.asked.get(0).answer().completeExceptionally(new ConnectionFailedException(ErrorInfo.of("broke", "again")));
    quiet();
    assertThatThrownBy(first::join).hasCauseInstanceOf(ConnectionFailedException.class);
    assertThat(second).isNotDone();
    answer(1, List.of());
    assertThat(server.asked).hasSize(3);
    answer(2, jobs(0, 1));
    assertThat(ids(second)).containsExactly("0:0");
  }

  @Test
  void closingEndsTheWaitAndGivesBack() throws Exception {
    receive(1, LONG);
    answer(0, jobs(0, 3));
    poller.close(new ClientClosedException(ErrorInfo.of("closed", "open"))).get(10, TimeUnit.SECONDS);
    assertThat(server.back).containsExactlyInAnyOrder("0:1", "0:2");
    assertThatThrownBy(() -> receive(1, LONG).join()).hasCauseInstanceOf(ClientClosedException.class);
  }

  @Test
  void everyJobGoesToOneOnly() throws Exception {
    List<CompletableFuture<List<LeasedJob>>> receives = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      receives.add(receive(4, i % 2 == 0 ? LONG : Duration.ZERO));
    }
    int next = 0;
    for (int poll = 0; poll < server.asked.size(); poll++) {
      int most = Math.min(server.asked.get(poll).most(), 40 - next);
      answer(poll, jobs(next, next + most));
      next += most;
    }
    List<String> taken = new ArrayList<>();
    receives.forEach(receive -> taken.addAll(ids(receive)));
    assertThat(taken).containsExactlyInAnyOrderElementsOf(jobs(0, 40).stream().map(LeasedJob::id).toList());
  }
}
