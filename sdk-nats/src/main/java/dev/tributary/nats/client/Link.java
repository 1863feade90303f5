package dev.tributary.nats.client;

import dev.tributary.error.TributaryException;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Json;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.MessageHandler;
import io.nats.client.Subscription;
import java.io.IOException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One connection, from when it is there until it is over; another takes its place. What is on it ends with it: requests fail, and who pulls is told.
 * Thread-safe.
 */
public final class Link implements ConnectionListener, ErrorListener {
  private static final byte[] NOTHING = new byte[0];

  /** From here on everything is understood that is asked. */
  private static final int LEVEL = 2;

  /** The number of the first question, about the server itself. */
  private static final long GREETING = 0;

  private final NatsCaller caller;
  private final Set<Runnable> listeners = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Connection connection;
  private volatile @Nullable Dispatcher dispatcher;
  /** What replies are addressed to, with the number of the request behind it. */
  private volatile String inbox = "";
  private final AtomicBoolean greeted = new AtomicBoolean();
  private volatile boolean over;
  /** Waits until it is connected; null from then on. Guarded by this. */
  private @Nullable Thread dialing = Thread.currentThread();

  private Link(NatsCaller caller) {
    this.caller = caller;
  }

  /** Connects, asks what the server can do, and tells the caller how that ended. Blocks. */
  static void connect(Dial dial, NatsCaller caller) {
    Link link = new Link(caller);
    try {
      link.begin(link.dialed(dial));
    } catch (Throwable fault) {
      link.greeted(fault instanceof TributaryException known ? known : NatsErrors.connecting(dial.toString(), dial.cause(fault)));
    }
  }

  private Connection dialed(Dial dial) throws IOException, InterruptedException, ExecutionException, TimeoutException {
    try {
      return dial.connect(this, this);
    } finally {
      synchronized (this) {
        dialing = null;
        // The thread is the pool's, and has other work.
        Thread.interrupted();
      }
    }
  }

  /** The socket ended. Whoever waits for its first answer need not wait any longer. */
  synchronized void socketEnded() {
    if (dialing != null) {
      dialing.interrupt();
    }
  }

  private void begin(Connection made) {
    connection = made;
    if (greeted.get()) {
      close();
      return;
    }
    Dispatcher replies = made.createDispatcher(this::replied);
    // What may come is bounded by what was asked for; what would be dropped would be lost.
    replies.setPendingLimits(0, 0);
    dispatcher = replies;
    inbox = made.createInbox() + ".";
    replies.subscribe(inbox + "*");
    Runnable silent = () -> greeted(NatsErrors.late(caller.config().connectTimeout()));
    caller.time().schedule(caller.config().connectTimeout(), silent);
    whenOver(() -> greeted(NatsErrors.broken(false)));
    send("$JS.API.INFO", inbox + GREETING, NOTHING);
  }

  private void greeted(@Nullable TributaryException refused) {
    if (!greeted.compareAndSet(false, true)) {
      return;
    }
    if (refused == null) {
      caller.connected(this);
    } else {
      caller.failed(refused);
      caller.close(this);
    }
  }

  private void replied(Message message) {
    long number = Long.parseLong(message.getSubject().substring(inbox.length()));
    if (number == GREETING) {
      greeted(refusal(message));
    } else {
      caller.replied(this, number, message);
    }
  }

  private @Nullable TributaryException refusal(Message info) {
    if (info.isStatusMessage()) {
      return NatsErrors.noJetStream();
    }
    try {
      Answers.Account account = Json.read(info.getData(), Answers.Account.class);
      if (account.error() != null) {
        return NatsErrors.of(account.error());
      }
      int level = account.api() == null ? 0 : account.api().level();
      return level < LEVEL ? NatsErrors.tooOld(there().getServerInfo().getVersion(), level) : null;
    } catch (IOException malformed) {
      return NatsErrors.unreadable(malformed);
    }
  }

  private Connection there() {
    return Objects.requireNonNull(connection);
  }

  /** The name of its cluster; null for a server alone. */
  public @Nullable String cluster() {
    return there().getServerInfo().getCluster();
  }

  /** Whether it is over. */
  public boolean over() {
    return over;
  }

  /** Runs this once when it is over; at once if it is. */
  public void whenOver(Runnable listener) {
    listeners.add(listener);
    if (over && listeners.remove(listener)) {
      listener.run();
    }
  }

  /** Does not run it any more. */
  public void forget(Runnable listener) {
    listeners.remove(listener);
  }

  /** Everything that is published on a subject from now on, on the thread of the connection, where nothing may block. Null if it is over. */
  public @Nullable Inbox subscribe(String subject, MessageHandler handler) {
    try {
      return new Inbox(this, subject, Objects.requireNonNull(dispatcher).subscribe(subject, handler));
    } catch (IllegalStateException closing) {
      return null;
    }
  }

  /** An address of one's own: what a pull brings comes there, under whatever subject it has. Null if it is over. */
  public @Nullable Inbox inbox(MessageHandler handler) {
    return subscribe(there().createInbox(), handler);
  }

  /** Sends a message that nobody confirms, with an address for what it brings. False if it is over. */
  public boolean send(String subject, @Nullable String replyTo, byte[] body) {
    try {
      there().publish(subject, replyTo, body);
      return true;
    } catch (IllegalStateException closing) {
      return false;
    }
  }

  /** Sends a request; what kept it from being sent, or null. */
  @Nullable TributaryException request(Exchange<?> exchange) {
    try {
      there().publish(exchange.subject, inbox + exchange.number, exchange.headers, exchange.body);
      return null;
    } catch (IllegalStateException closing) {
      return NatsErrors.broken(false);
    } catch (IllegalArgumentException refused) {
      long size = exchange.body.length + (exchange.headers == null ? 0 : exchange.headers.serializedLength());
      return NatsErrors.tooLarge(size, there().getMaxPayload(), refused);
    }
  }

  /** Sends a message to oneself, as if it answered this request: what was sent before it has left when it comes. */
  void toOneself(long number) {
    send(inbox + number, null, NOTHING);
  }

  @Override
  @SuppressWarnings("deprecation") // the library calls it, and nothing else need be known
  public void connectionEvent(Connection where, Events event) {
    if (event == Events.DISCONNECTED || event == Events.CLOSED) {
      end();
    }
  }

  @Override
  public void errorOccurred(Connection where, String said) {
    if (connection == null && said.startsWith("Authorization")) {
      // Else it would be waited for until the time to connect is over, as if it could still succeed.
      greeted(NatsErrors.refused(said));
    }
    int from = said.indexOf('"');
    int to = said.lastIndexOf('"');
    if (from >= 0 && to > from) {
      caller.denied(said, said.substring(from + 1, to));
    }
  }

  private void end() {
    if (over) {
      return;
    }
    over = true;
    caller.over(this);
    for (Runnable listener : listeners) {
      if (listeners.remove(listener)) {
        listener.run();
      }
    }
  }

  /** Disconnects. Blocks. */
  void close() {
    Connection made = connection;
    try {
      if (made != null) {
        made.close();
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      end();
    }
  }

  /** A subscription. */
  public static final class Inbox {
    private final Link link;
    private final String subject;
    private final Subscription subscription;

    private Inbox(Link link, String subject, Subscription subscription) {
      this.link = link;
      this.subject = subject;
      this.subscription = subscription;
    }

    /** Its address. */
    public String subject() {
      return subject;
    }

    /** Nothing comes any more. */
    public void close() {
      try {
        Objects.requireNonNull(link.dispatcher).unsubscribe(subscription);
      } catch (IllegalStateException gone) {
        // With its connection.
      }
    }
  }
}
