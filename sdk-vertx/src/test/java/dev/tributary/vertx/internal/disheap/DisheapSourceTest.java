package dev.tributary.vertx.internal.disheap;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import com.google.protobuf.Timestamp;
import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.config.Credentials;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.ProtocolViolationException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import dev.tributary.vertx.internal.disheap.proto.DisheapMethods;
import dev.tributary.vertx.internal.disheap.proto.NackReq;
import dev.tributary.vertx.internal.disheap.proto.PopOpen;
import io.vertx.grpc.common.GrpcStatus;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DisheapSourceTest extends DisheapTest {
  private final PopServer pops = new PopServer(server);
  private final BlockingQueue<NackReq> givenBack = new LinkedBlockingQueue<>();
  private final Observed observed = new Observed();
  private Source source;

  private static final class Observed implements SourceObserver<LeasedJob> {
    final BlockingQueue<String> jobs = new LinkedBlockingQueue<>();
    final BlockingQueue<SubscriptionState> states = new LinkedBlockingQueue<>();
    final CompletableFuture<@Nullable TributaryException> end = new CompletableFuture<>();
    volatile Consumer<String> onJob = id -> {};
    /** How many jobs more there is room for. */
    volatile int room = Integer.MAX_VALUE;

    @Override
    public long room() {
      return room;
    }

    @Override
    public void onItem(LeasedJob job) {
      assertThat(end).isNotDone();
      room--;
      jobs.add(job.id());
      onJob.accept(job.id());
    }

    @Override
    public void onState(SubscriptionState state) {
      states.add(state);
    }

    @Override
    public void onEnd(@Nullable TributaryException error) {
      assertThat(end.complete(error)).isTrue();
    }
  }

  @AfterEach
  void end() {
    if (source != null) {
      source.close();
    }
    pops.reset();
  }

  private void open(ResourceName name) {
    lists();
    server.answer(
        DisheapMethods.NACK,
        q -> {
          givenBack.add(q);
          return Empty.getDefaultInstance();
        });
    if (driver == null) {
      connect();
    }
    source = queues().open(name, Duration.ofSeconds(9), observed);
  }

  private PopServer.Stream filtered() throws InterruptedException {
    PopServer.Stream stream = next(pops.streams);
    PopOpen first = next(stream.asked);
    assertThat(first.getFilter().getTopic()).isEqualTo("orders");
    assertThat(first.getFilter().getVisibilityTimeout().getSeconds()).isEqualTo(9);
    return stream;
  }

  private static int credits(PopServer.Stream stream) throws InterruptedException {
    PopOpen asked = next(stream.asked);
    assertThat(asked.hasFlowControl()).isTrue();
    return asked.getFlowControl().getCredits();
  }

  @Test
  void creditsAreTheDemand() throws Exception {
    open(NAME);
    PopServer.Stream stream = filtered();
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    assertThat(stream.asked).isEmpty();
    source.request(2);
    assertThat(credits(stream)).isEqualTo(2);
    source.request(3);
    assertThat(credits(stream)).isEqualTo(3);
    stream.send(PopServer.item("a"));
    assertThat(next(observed.jobs)).isEqualTo("a");
    source.request(1);
    assertThat(credits(stream)).isEqualTo(1);
    stream.end();
  }

  @Test
  void demandOfOneTurnIsGrantedTogether() throws Exception {
    observed.onJob =
        id -> {
          for (int i = 0; i < 5; i++) {
            source.request(1);
          }
        };
    open(NAME);
    source.request(1);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(1);
    stream.send(PopServer.item("a"));
    assertThat(credits(stream)).isEqualTo(5);
    stream.end();
  }

  @Test
  void boundlessDemandIsGrantedInPortions() throws Exception {
    open(NAME);
    source.request(Long.MAX_VALUE);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(1_000);
    stream.send(PopServer.item("a"));
    assertThat(credits(stream)).isEqualTo(1);
    stream.end();
  }

  @Test
  void nothingIsDeliveredBeyondTheDemandWhateverTheServerSends() throws Exception {
    open(NAME);
    source.request(1);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(1);
    stream.send(PopServer.item("a"));
    stream.send(PopServer.item("b"));
    assertThat(next(observed.jobs)).isEqualTo("a");
    CompletableFuture<Void> closed = source.close();
    assertThat(next(givenBack).getMessageId()).isEqualTo("b");
    assertThat(next(stream.ended)).isTrue();
    stream.end();
    get(closed);
    assertThat(observed.jobs).isEmpty();
  }

  @Test
  void afterACutTheRestIsGrantedAgain() throws Exception {
    open(NAME);
    source.request(10);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(10);
    for (String id : List.of("a", "b", "c")) {
      stream.send(PopServer.item(id));
      assertThat(next(observed.jobs)).isEqualTo(id);
    }
    stream.end(GrpcStatus.UNAVAILABLE, "shutting down");
    assertThat(credits(filtered())).isEqualTo(7);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.RECONNECTING);
    assertThat(next(observed.states)).isEqualTo(SubscriptionState.LIVE);
    assertThat(givenBack).isEmpty();
  }

  @Test
  void anEndThatNobodyAskedForIsAFailureThatPasses() throws Exception {
    open(NAME);
    source.request(1);
    filtered().end();
    PopServer.Stream again = filtered();
    assertThat(credits(again)).isEqualTo(1);
    again.send(PopServer.item("a"));
    assertThat(next(observed.jobs)).isEqualTo("a");
  }

  @Test
  void aServerThatGoesAwayIsLeftInOrder() throws Exception {
    open(NAME);
    source.request(2);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(2);
    stream.goAway();
    assertThat(next(stream.ended)).isTrue();
    source.request(5);
    stream.send(PopServer.item("a"));
    assertThat(next(observed.jobs)).isEqualTo("a");
    stream.end();
    PopServer.Stream elsewhere = filtered();
    assertThat(credits(elsewhere)).isEqualTo(6);
    assertThat(stream.asked).isEmpty();
    assertThat(givenBack).isEmpty();
  }

  @Test
  void closingGivesBackWhatStillComes() throws Exception {
    open(NAME);
    source.request(3);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(3);
    CompletableFuture<Void> closed = source.close();
    assertThat(next(stream.ended)).isTrue();
    assertThat(closed).isNotDone();
    stream.send(PopServer.item("a"));
    NackReq nack = next(givenBack);
    assertThat(nack.getMessageId()).isEqualTo("a");
    assertThat(nack.getLeaseToken()).isEqualTo("token-a");
    assertThat(nack.hasBackoffOverride()).isTrue();
    assertThat(nack.getBackoffOverride().getNanos()).isZero();
    assertThat(observed.end).isNotDone();
    stream.end();
    get(closed);
    assertThat(get(observed.end)).isNull();
    assertThat(observed.jobs).isEmpty();
  }

  @Test
  void closingDoesNotWaitForEver() throws Exception {
    open(NAME);
    source.request(3);
    PopServer.Stream stream = filtered();
    get(source.close());
    assertThat(next(stream.ended)).isTrue();
    assertThat(get(observed.end)).isNull();
  }

  @Test
  void theClientsEndIsTheSources() throws Exception {
    open(NAME);
    PopServer.Stream stream = filtered();
    CompletableFuture<Void> closed = driver.close();
    assertThat(next(stream.ended)).isTrue();
    stream.end();
    get(closed);
    assertThat(get(observed.end)).isInstanceOf(ClientClosedException.class);
    source.request(1);
    get(source.close());
  }

  @Test
  void aQueueThatIsNotThereEndsIt() throws Exception {
    open(NAME);
    filtered().end(GrpcStatus.NOT_FOUND, "topic not found");
    assertThat(get(observed.end)).isInstanceOf(NotFoundException.class);
  }

  @Test
  void aTimeThatCannotBeIsNotKnownAndTheJobComes() throws Exception {
    open(NAME);
    source.request(2);
    PopServer.Stream stream = filtered();
    Timestamp never = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).build();
    stream.send(PopServer.item("a").toBuilder().setLeaseDeadline(never).setEnqueuedTime(never).build());
    stream.send(PopServer.item("b"));
    assertThat(next(observed.jobs)).isEqualTo("a");
    assertThat(next(observed.jobs)).isEqualTo("b");
    assertThat(observed.end).isNotDone();
  }

  @Test
  void aJobOfWhichNothingCanBecomeEndsIt() throws Exception {
    open(NAME);
    source.request(1);
    filtered().send(PopServer.item("a").toBuilder().setLeaseToken("").build());
    assertThat(get(observed.end)).isInstanceOf(ProtocolViolationException.class);
  }

  @Test
  void nothingIsAskedForWithoutRoomAndWhatCameNeverthelessGoesBack() throws Exception {
    open(NAME);
    source.request(3);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(3);
    observed.room = 0;
    stream.send(PopServer.item("a"));
    stream.send(PopServer.item("b"));
    source.request(2);
    observed.room = 1;
    source.request(0);
    assertThat(next(observed.jobs)).isEqualTo("a");
    stream.end(GrpcStatus.UNAVAILABLE, "shutting down");
    assertThat(next(givenBack).getMessageId()).isEqualTo("b");
    observed.room = 1_000;
    source.request(1);
    assertThat(credits(filtered())).isPositive();
    assertThat(observed.jobs).isEmpty();
  }

  @Test
  void aStreamThatDoesNotEndIsListenedToForAsLongAsItsLeases() throws Exception {
    open(NAME);
    source.request(3);
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(3);
    get(source.close());
    stream.send(PopServer.item("a"));
    assertThat(next(givenBack).getMessageId()).isEqualTo("a");
  }

  @Test
  void nothingIsSentForANameThatTheWireCannotSay() throws Exception {
    open(new ResourceName("default", "default", ".".repeat(200)));
    assertThat(get(observed.end)).isInstanceOf(InvalidRequestException.class);
    assertThat(server.asked).isEmpty();
  }

  @Test
  void withOtherCredentialsTheCreditsAreGrantedAgain() throws Exception {
    Iterator<String> keys = List.of("dh_old", "dh_new").iterator();
    connect(config().credentials(Credentials.Provider.token(keys::next)));
    open(NAME);
    source.request(4);
    PopServer.Stream refused = filtered();
    assertThat(credits(refused)).isEqualTo(4);
    refused.end(GrpcStatus.UNAUTHENTICATED, "unknown key");
    PopServer.Stream stream = filtered();
    assertThat(credits(stream)).isEqualTo(4);
    stream.send(PopServer.item("a"));
    assertThat(next(observed.jobs)).isEqualTo("a");
  }
}
