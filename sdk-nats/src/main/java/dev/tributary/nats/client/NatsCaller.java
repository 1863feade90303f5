package dev.tributary.nats.client;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.error.TributaryException;
import dev.tributary.error.UnauthenticatedException;
import dev.tributary.internal.driver.Backoff;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Json;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import io.nats.client.Message;
import io.nats.client.impl.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests over one connection at a time, which is made when it is needed and made anew when it broke. Thread-safe.
 *
 * <p>Replies come to one address, by the number of the request. So the requests of a connection are known: when it is over they fail at once, and how
 * many are under way, and how many bytes, is bounded below what the library's queue holds, where a caller would block. What is more waits here; how much
 * that may be the client above bounds.
 *
 * <p>A request whose caller left counts until it is known to have left the queue: because something that was sent after it was answered. If nothing
 * else is sent, a message to oneself is.
 */
public final class NatsCaller {
  private static final int MOST = 8_192;
  private static final long MOST_BYTES = 16 << 20;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final ClientConfig config;
  private final Threads threads = new Threads();
  private final Dial dial;
  private final Backoff backoff;
  private final Object lock = new Object();

  // All guarded by the lock.
  private final ArrayDeque<Exchange<?>> waiting = new ArrayDeque<>();
  private final List<CompletableFuture<Link>> wanting = new ArrayList<>();
  private final Map<Long, Exchange<?>> open = new HashMap<>();
  private final PriorityQueue<Exchange<?>> left = new PriorityQueue<>(Comparator.comparingLong(exchange -> exchange.number));
  private @Nullable Link link;
  private boolean dialing;
  private boolean sending;
  private boolean closed;
  private long numbers;
  private long openBytes;
  /** The number of the message to oneself that is on its way; 0 for none. */
  private long probe;
  private volatile @Nullable Deadline restUntil;

  /** Connects with the first call. */
  public NatsCaller(ClientConfig config, int port, @Nullable String credentialsFile) {
    this.config = config;
    this.dial = new Dial(config, port, credentialsFile, threads);
    this.backoff = new Backoff(config.retry(), LONGEST_PAUSE);
  }

  /** The client's clock. */
  public TimeSource time() {
    return config.time();
  }

  /** Whether what lives long may go on after this error: the next try may end better, if only because other credentials come. */
  public boolean passes(TributaryException error) {
    return error.retryable() || error instanceof UnauthenticatedException && !(config.credentials() instanceof Credentials.Fixed);
  }

  // Requests.

  /**
   * A request with one answer.
   *
   * @param stream whose subject it is: if nobody listens there, the stream is not there, or has no leader now
   */
  public CompletableFuture<Message> request(String stream, String subject, @Nullable Headers headers, byte[] body, Deadline deadline) {
    return Steps.then(
        submit(new Exchange.One(this, subject, headers, body, deadline)),
        message -> nobody(message) ? notThere(stream, deadline) : CompletableFuture.completedFuture(message));
  }

  /** A request whose answers end with a status, which is the last of them. */
  public CompletableFuture<List<Message>> gather(String stream, String subject, byte[] body, Deadline deadline) {
    return Steps.then(
        submit(new Exchange.Many(this, subject, body, deadline)),
        messages -> nobody(messages.get(messages.size() - 1)) ? notThere(stream, deadline) : CompletableFuture.completedFuture(messages));
  }

  /** A message to be stored, and where it was. */
  public CompletableFuture<Answers.Stored> store(String stream, String subject, @Nullable Headers headers, byte[] body, Deadline deadline) {
    return Steps.map(request(stream, subject, headers, body, deadline), message -> read(message, Answers.Stored.class));
  }

  /** A call of the API. */
  public <A extends Answers.Answer> CompletableFuture<A> api(String verb, @Nullable Object request, Class<A> answer, Deadline deadline) {
    return Steps.map(
        submit(new Exchange.One(this, "$JS.API." + verb, null, Json.bytes(request), deadline)),
        message -> {
          if (nobody(message)) {
            throw NatsErrors.noLeader("JetStream");
          }
          return read(message, answer);
        });
  }

  /** The connection, when there is one. */
  public CompletableFuture<Link> link() {
    CompletableFuture<Link> wanted = new CompletableFuture<>();
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(NatsErrors.closed(false));
      }
      if (link != null) {
        return CompletableFuture.completedFuture(link);
      }
      wanting.add(wanted);
    }
    dial();
    return wanted;
  }

  /** What something fails with whose connection ended. */
  public static TributaryException broken() {
    return NatsErrors.broken(false);
  }

  /** What something ends with whose client is closed. */
  public static TributaryException closed() {
    return NatsErrors.closed(false);
  }

  /** Runs this with a timeout of its own. */
  public <R> CompletableFuture<R> within(Duration timeout, Function<Deadline, CompletableFuture<R>> work) {
    return within(Deadline.after(time(), timeout), work);
  }

  private <R> CompletableFuture<R> within(Deadline deadline, Function<Deadline, CompletableFuture<R>> work) {
    CompletableFuture<R> running = work.apply(deadline);
    if (running.isDone()) {
      return running;
    }
    CompletableFuture<R> result = Steps.then(running, CompletableFuture::completedFuture);
    TimeSource.Timer timer =
        deadline.whenPassed(
            () -> {
              if (result.completeExceptionally(NatsErrors.late(deadline.timeout()))) {
                running.cancel(true);
              }
            });
    result.whenComplete((value, error) -> timer.cancel());
    return result;
  }

  private static <A extends Answers.Answer> A read(Message message, Class<A> type) {
    A answer;
    try {
      answer = Json.read(message.getData(), type);
    } catch (IOException malformed) {
      throw NatsErrors.unreadable(malformed);
    }
    Answers.Failure failure = answer.error();
    if (failure != null) {
      throw NatsErrors.of(failure);
    }
    return answer;
  }

  private static boolean nobody(Message message) {
    return message.isStatusMessage() && message.getStatus().isNoResponders();
  }

  /** Nobody took the request: because there is no such stream, or because it has no leader at the moment. */
  private <T> CompletableFuture<T> notThere(String stream, Deadline deadline) {
    return Steps.map(
        api("STREAM.INFO." + stream, null, Answers.Stream.class, deadline),
        there -> {
          throw NatsErrors.noLeader(stream);
        });
  }

  // What is under way.

  private <T> CompletableFuture<T> submit(Exchange<T> exchange) {
    exchange.deadline.waits();
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(NatsErrors.closed(false));
      }
      waiting.add(exchange);
    }
    send();
    return exchange;
  }

  /** Sends what waits, as far as there is room: one thread at a time, that the order stays, and without the lock, because the library has its own. */
  private void send() {
    while (true) {
      Exchange<?> next;
      Link on;
      synchronized (lock) {
        on = link;
        if (on == null) {
          next = null;
          if (waiting.isEmpty()) {
            return;
          }
        } else {
          next = sending ? null : takeWaiting();
          if (next == null) {
            return;
          }
          next.number = ++numbers;
          open.put(next.number, next);
          openBytes += next.body.length;
          sending = true;
        }
      }
      if (on == null || next == null) {
        dial();
        return;
      }
      boolean leaves = next.deadline.sent();
      TributaryException refused = leaves ? on.request(next) : null;
      synchronized (lock) {
        sending = false;
        if (!leaves || refused != null) {
          release(next.number);
        }
      }
      if (!leaves) {
        next.cancel(false);
      } else if (refused != null) {
        next.completeExceptionally(refused);
      }
    }
  }

  private @Nullable Exchange<?> takeWaiting() {
    while (!waiting.isEmpty() && waiting.element().isDone()) {
      waiting.remove();
    }
    Exchange<?> next = waiting.peek();
    boolean room = next != null && open.size() < MOST && (open.isEmpty() || openBytes + next.body.length <= MOST_BYTES);
    return room ? waiting.remove() : null;
  }

  /** A reply came, or what was sent to oneself. */
  void replied(Link on, long number, Message message) {
    Exchange<?> exchange;
    synchronized (lock) {
      if (on != link) {
        return;
      }
      exchange = open.get(number);
      while (!left.isEmpty() && left.element().number < number) {
        release(left.remove().number);
      }
      if (number == probe) {
        probe = 0;
      }
    }
    if (exchange != null && exchange.answered(message)) {
      synchronized (lock) {
        release(number);
      }
    }
    send();
  }

  /** With the lock. */
  private void release(long number) {
    Exchange<?> gone = open.remove(number);
    if (gone != null) {
      openBytes -= gone.body.length;
    }
  }

  /** Its caller left. */
  void abandoned(Exchange<?> exchange) {
    Link on;
    long number;
    synchronized (lock) {
      if (exchange.number == 0 || !open.containsKey(exchange.number)) {
        return;
      }
      left.add(exchange);
      on = link;
      if (probe != 0 || on == null) {
        return;
      }
      probe = ++numbers;
      number = probe;
    }
    on.toOneself(number);
  }

  // The connection.

  private void dial() {
    synchronized (lock) {
      if (dialing || closed || link != null) {
        return;
      }
      dialing = true;
    }
    if (restUntil == null || restUntil.expired()) {
      connect();
    } else {
      restUntil.whenPassed(this::connect);
    }
  }

  private void connect() {
    try {
      threads.pool().execute(() -> Link.connect(dial, this));
    } catch (RejectedExecutionException closing) {
      failed(NatsErrors.closed(false));
    }
  }

  /** There is a connection whose server can do what is needed. */
  void connected(Link fresh) {
    List<CompletableFuture<Link>> told;
    synchronized (lock) {
      dialing = false;
      if (closed || fresh.over()) {
        told = List.of();
      } else {
        link = fresh;
        told = List.copyOf(wanting);
        wanting.clear();
        backoff.reset();
        restUntil = null;
      }
    }
    if (told.isEmpty() && link != fresh) {
      close(fresh);
    }
    told.forEach(wanted -> wanted.complete(fresh));
    send();
  }

  /** There is none to be had: what waits hears why. */
  void failed(TributaryException error) {
    List<CompletableFuture<?>> told = new ArrayList<>();
    synchronized (lock) {
      dialing = false;
      restUntil = Deadline.after(time(), backoff.nextOfOne());
      told.addAll(waiting);
      told.addAll(wanting);
      waiting.clear();
      wanting.clear();
    }
    told.forEach(waits -> waits.completeExceptionally(error));
  }

  /** The connection ended. */
  void over(Link ended) {
    List<Exchange<?>> told;
    synchronized (lock) {
      if (link != ended) {
        return;
      }
      link = null;
      told = new ArrayList<>(open.values());
      open.clear();
      left.clear();
      openBytes = 0;
      probe = 0;
    }
    TributaryException broken = closed ? NatsErrors.closed(true) : NatsErrors.broken(true);
    told.forEach(exchange -> exchange.completeExceptionally(broken));
    close(ended);
    send();
  }

  /** The server refuses a subject to this user. */
  void denied(String said, String subject) {
    List<Exchange<?>> told = new ArrayList<>();
    synchronized (lock) {
      for (Exchange<?> exchange : List.copyOf(open.values())) {
        if (exchange.subject.equals(subject)) {
          release(exchange.number);
          told.add(exchange);
        }
      }
    }
    told.forEach(exchange -> exchange.completeExceptionally(NatsErrors.denied(said)));
    send();
  }

  void close(Link ended) {
    try {
      threads.pool().execute(ended::close);
    } catch (RejectedExecutionException closing) {
      ended.close();
    }
  }

  /** The client's configuration. */
  public ClientConfig config() {
    return config;
  }

  /** Fails what is under way and disconnects. */
  public CompletableFuture<Void> close() {
    Link last;
    List<CompletableFuture<?>> told = new ArrayList<>();
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.completedFuture(null);
      }
      closed = true;
      last = link;
      told.addAll(waiting);
      told.addAll(wanting);
      waiting.clear();
      wanting.clear();
    }
    told.forEach(waits -> waits.completeExceptionally(NatsErrors.closed(false)));
    CompletableFuture<Void> done = new CompletableFuture<>();
    threads
        .pool()
        .execute(
            () -> {
              try {
                if (last != null) {
                  last.close();
                }
              } finally {
                threads.close();
                done.complete(null);
              }
            });
    return done;
  }
}
