package dev.tributary.internal.queue;

import static dev.tributary.internal.queue.EnqueueTest.broken;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.ResourceName;
import dev.tributary.SubscriptionState;
import dev.tributary.Tributary;
import dev.tributary.codec.Codec;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ClientClosedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.internal.FakeTransport;
import dev.tributary.queue.Job;
import dev.tributary.queue.JobsOptions;
import dev.tributary.spi.LeasedJob;
import dev.tributary.spi.PushQueueTransport;
import dev.tributary.spi.QueueTransport;
import dev.tributary.spi.Settlement;
import dev.tributary.spi.Source;
import dev.tributary.spi.SourceObserver;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;

class JobsTest {
  private final FakeTransport transport = new FakeTransport();
  private final FakeQueue backend = new FakeQueue(transport);
  private final List<SubscriptionState> states = new ArrayList<>();
  private final Taker<String> taker = new Taker<>();

  /** A subscriber that asks when the test says so. */
  private static final class Taker<T> implements Flow.Subscriber<Job<T>> {
    private final List<Job<T>> jobs = new ArrayList<>();
    private Flow.Subscription subscription;
    private Throwable error;
    private boolean complete;

    @Override
    public void onSubscribe(Flow.Subscription given) {
      subscription = given;
    }

    @Override
    public void onNext(Job<T> job) {
      jobs.add(job);
    }

    @Override
    public void onError(Throwable why) {
      error = why;
    }

    @Override
    public void onComplete() {
      complete = true;
    }
  }

  private Taker<String> subscribe(JobsOptions options) {
    transport.client().queue("q", Codecs.text()).jobs(options).subscribe(taker);
    return taker;
  }

  private Taker<String> subscribe() {
    return subscribe(JobsOptions.builder().onState(states::add).build());
  }

  private void advance(Duration by) {
    transport.time.advance(by);
  }

  @Test
  void leasesExactlyWhatIsDemanded() {
    backend.add(10);
    subscribe();
    advance(Duration.ofSeconds(30));
    assertThat(backend.receives).isEmpty();
    taker.subscription.request(3);
    assertThat(taker.jobs).extracting(Job::value).containsExactly("job-0", "job-1", "job-2");
    assertThat(backend.mostLeased).isEqualTo(3);
    taker.subscription.request(2);
    assertThat(taker.jobs).hasSize(5);
    assertThat(backend.mostLeased).isEqualTo(5);
  }

  @Test
  void waitsForMore() {
    subscribe();
    taker.subscription.request(2);
    advance(Duration.ofMinutes(5));
    backend.add(3);
    advance(Duration.ofSeconds(1));
    assertThat(taker.jobs).hasSize(2);
    assertThat(states).containsExactly(SubscriptionState.LIVE);
  }

  @Test
  void cancellingEndsTheAskingAndGivesBackWhatComesThen() {
    CompletableFuture<List<LeasedJob>> poll =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            return false;
          }
        };
    backend.nextReceives.add(() -> poll);
    subscribe();
    taker.subscription.request(2);
    taker.subscription.cancel();
    poll.complete(List.of(backend.job("a"), backend.job("b")));
    assertThat(taker.jobs).isEmpty();
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("a", "b");
    int asked = backend.receives.size();
    advance(Duration.ofMinutes(1));
    assertThat(backend.receives).hasSize(asked);
  }

  @Test
  void cancellingWithinABatchGivesBackTheRest() {
    backend.add(5);
    transport
        .client()
        .queue("q", Codecs.text())
        .jobs()
        .subscribe(
            new Flow.Subscriber<>() {
              private Flow.Subscription subscription;

              @Override
              public void onSubscribe(Flow.Subscription given) {
                subscription = given;
                given.request(5);
              }

              @Override
              public void onNext(Job<String> job) {
                job.ack();
                if (job.id().equals("job-1")) {
                  subscription.cancel();
                }
              }

              @Override
              public void onError(Throwable why) {}

              @Override
              public void onComplete() {}
            });
    assertThat(backend.ids(Settlement.Kind.ACK)).containsExactly("job-0", "job-1");
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactlyInAnyOrder("job-2", "job-3", "job-4");
  }

  @Test
  void passingFaultsAreWaitedOut() {
    backend.nextReceives.add(() -> CompletableFuture.failedFuture(broken(true)));
    backend.add(1);
    subscribe();
    taker.subscription.request(1);
    advance(Duration.ofSeconds(1));
    assertThat(taker.jobs).hasSize(1);
    assertThat(states).containsExactly(SubscriptionState.RECONNECTING, SubscriptionState.LIVE);
  }

  @Test
  void otherFaultsEndIt() {
    backend.nextReceives.add(() -> CompletableFuture.failedFuture(new NotFoundException(ErrorInfo.of("no such queue", ""))));
    subscribe();
    taker.subscription.request(1);
    assertThat(taker.error).isInstanceOf(NotFoundException.class);
    assertThat(states).containsExactly(SubscriptionState.CLOSED);
  }

  @Test
  void renewsWhatWasHandedOverUntilItIsSettledEvenAfterACancel() {
    backend.add(2);
    subscribe();
    taker.subscription.request(2);
    advance(Duration.ofSeconds(20));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(2);
    taker.subscription.cancel();
    taker.jobs.get(0).ack();
    advance(Duration.ofSeconds(20));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(3);
    taker.jobs.get(1).ack();
    advance(Duration.ofHours(2));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(3);
  }

  @Test
  void renewalHasACapAndCanBeLeftOut() {
    backend.add(1);
    subscribe(JobsOptions.builder().renewal(Duration.ofSeconds(70)).build());
    taker.subscription.request(1);
    advance(Duration.ofHours(1));
    assertThat(backend.settled(Settlement.Kind.EXTEND)).hasSize(2);
    int before = backend.settles.size();
    subscribe(JobsOptions.builder().withoutRenewal().build());
    backend.add(1);
    taker.subscription.request(1);
    advance(Duration.ofHours(1));
    assertThat(taker.jobs).hasSize(2);
    assertThat(backend.settles).hasSize(before);
  }

  @Test
  void whatCannotBeDecodedIsRefusedAndReplaced() {
    backend.add(2);
    Taker<Integer> numbers = new Taker<>();
    transport
        .client()
        .queue(
            "q",
            new Codec<Integer>() {
              @Override
              public byte[] encode(Integer value) {
                return new byte[1];
              }

              @Override
              public Integer decode(byte[] bytes) {
                if (bytes[4] == '0') {
                  throw new IllegalStateException("not a number");
                }
                return bytes[4] - '0';
              }
            })
        .jobs()
        .subscribe(numbers);
    numbers.subscription.request(1);
    assertThat(numbers.jobs).extracting(Job::value).containsExactly(1);
    assertThat(numbers.error).isNull();
    assertThat(backend.ids(Settlement.Kind.REJECT)).containsExactly("job-0");
  }

  @Test
  void closingTheClientEndsIt() {
    Tributary client = transport.client();
    client.queue("q", Codecs.text()).jobs().subscribe(taker);
    taker.subscription.request(1);
    client.close();
    assertThat(taker.error).isInstanceOf(ClientClosedException.class);
    assertThat(taker.complete).isFalse();
  }

  @Test
  void wrongOptionsAreRefused() {
    assertThatThrownBy(() -> subscribe(null)).isInstanceOf(InvalidRequestException.class);
    assertThatThrownBy(() -> subscribe(JobsOptions.lease(Duration.ofHours(3)))).isInstanceOf(InvalidRequestException.class);
  }

  @Test
  void usesTheBackendsOwnSourceWhereItPushes() {
    List<Long> demands = new ArrayList<>();
    List<SourceObserver<LeasedJob>> observers = new ArrayList<>();
    Source source =
        new Source() {
          @Override
          public void request(long n) {
            demands.add(n);
          }

          @Override
          public CompletableFuture<Void> close() {
            observers.get(0).onEnd(null);
            return CompletableFuture.completedFuture(null);
          }
        };
    transport.queues = pushing(backend, observers, source);
    subscribe();
    taker.subscription.request(2);
    assertThat(demands).containsExactly(2L);
    observers.get(0).onItem(backend.job("pushed"));
    assertThat(taker.jobs).extracting(Job::id).containsExactly("pushed");
    taker.subscription.cancel();
    observers.get(0).onItem(backend.job("late"));
    assertThat(backend.ids(Settlement.Kind.RELEASE)).containsExactly("late");
    assertThat(backend.receives).isEmpty();
  }

  @Test
  void asksForMoreEvenIfAllThatWasAskedForIsHandedOverAtOnce() {
    List<SourceObserver<LeasedJob>> observers = new ArrayList<>();
    List<Long> asked = new ArrayList<>();
    Source source =
        new Source() {
          @Override
          public void request(long n) {
            asked.add(n);
          }

          @Override
          public CompletableFuture<Void> close() {
            return CompletableFuture.completedFuture(null);
          }
        };
    transport.queues = pushing(backend, observers, source);
    Deque<Runnable> callbacks = new ArrayDeque<>();
    Runnable turn =
        () -> {
          while (!callbacks.isEmpty()) {
            callbacks.remove().run();
          }
        };
    Tributary client = transport.client(transport.config().callbackExecutor(callbacks::add).prefetch(2).build());
    client.queue("q", Codecs.text()).jobs().subscribe(taker);
    taker.subscription.request(10);
    turn.run();
    assertThat(asked).containsExactly(2L);

    observers.get(0).onItem(backend.job("a"));
    observers.get(0).onItem(backend.job("b"));
    turn.run();
    assertThat(taker.jobs).hasSize(2);
    assertThat(asked).containsExactly(2L, 2L);
  }

  private static PushQueueTransport pushing(QueueTransport rest, List<SourceObserver<LeasedJob>> observers, Source source) {
    return (PushQueueTransport)
        Proxy.newProxyInstance(
            JobsTest.class.getClassLoader(),
            new Class<?>[] {PushQueueTransport.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("open")) {
                assertThat(arguments[0]).isEqualTo(new ResourceName("default", "default", "q"));
                @SuppressWarnings("unchecked")
                SourceObserver<LeasedJob> observer = (SourceObserver<LeasedJob>) arguments[2];
                observers.add(observer);
                return source;
              }
              try {
                return method.invoke(rest, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }
}
