package dev.tributary.nats.client;

import dev.tributary.error.TributaryException;
import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Delivery;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Json;
import dev.tributary.nats.wire.Requests;
import dev.tributary.spi.Steps;
import dev.tributary.spi.TimeSource;
import io.nats.client.Message;
import io.nats.client.support.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads a subject of a JetStream stream in order: a consumer of its own, made for it and gone with it, and pulls that ask for no more than is wanted.
 * While a pull is open the server says that it is alive; if it falls silent, or the consumer is gone, this is over, and its owner makes another from where
 * delivery stopped. Belongs to its owner's turns.
 */
public final class Reader {
  private static final Duration LONGEST_BEAT = Duration.ofSeconds(5);
  private static final Duration SHORTEST_BEAT = Duration.ofMillis(100);
  private static final byte[] NOTHING = new byte[0];

  private final NatsCaller caller;
  private final Link link;
  private final Turns turns;
  private final String stream;
  private final String name = Names.fresh();
  private final Owner owner;
  private final Duration beat;
  private Link.@Nullable Inbox inbox;
  private TimeSource.@Nullable Timer watch;
  private long heard;
  private int outstanding;
  private boolean opened;
  private boolean over;

  /** Whose it is. Called in turns. */
  public interface Owner {
    /** It may be asked for messages. */
    void opened();

    /** One message. */
    void read(Entry entry);

    /** Fewer come than were asked for: there may be more to ask for. */
    void unused();

    /** It is over. */
    void broke(TributaryException error);
  }

  public Reader(NatsCaller caller, Link link, Turns turns, String stream, Owner owner) {
    this.caller = caller;
    this.link = link;
    this.turns = turns;
    this.stream = stream;
    this.owner = owner;
    Duration third = caller.config().idleProbe().dividedBy(3);
    this.beat = third.compareTo(LONGEST_BEAT) > 0 ? LONGEST_BEAT : third.compareTo(SHORTEST_BEAT) < 0 ? SHORTEST_BEAT : third;
  }

  /** Begins with this sequence of the subject, or what comes after it. */
  public void open(String subject, long from) {
    inbox = link.inbox(message -> turns.run(() -> came(message)));
    if (inbox == null) {
      broke(NatsErrors.broken(false));
      return;
    }
    Requests.Create create = new Requests.Create(stream, Requests.ConsumerConfiguration.reader(name, subject, from), "create");
    caller
        .within(
            caller.config().timeout(),
            deadline -> caller.api("CONSUMER.CREATE." + stream + "." + name, create, Answers.Consumer.class, deadline))
        .whenComplete(
            (made, error) ->
                turns.run(
                    () -> {
                      if (over) {
                        delete();
                      } else if (error != null) {
                        broke(Steps.known(error));
                      } else {
                        opened = true;
                        owner.opened();
                      }
                    }));
  }

  /** How many messages were asked for and have not come. */
  public int outstanding() {
    return outstanding;
  }

  /** Whether it may be asked. */
  public boolean ready() {
    return opened && !over;
  }

  /** Asks for so many more. */
  public void ask(int more) {
    Link.Inbox to = inbox;
    if (to == null || !ready()) {
      return;
    }
    Requests.Pull pull = new Requests.Pull(more, beat.multipliedBy(6).toNanos(), beat.toNanos(), null);
    heard = caller.time().nanos();
    outstanding += more;
    if (!link.send("$JS.API.CONSUMER.MSG.NEXT." + stream + "." + name, to.subject(), Json.bytes(pull))) {
      broke(NatsErrors.broken(false));
    } else if (watch == null) {
      watch();
    }
  }

  private void watch() {
    watch = caller.time().schedule(beat, () -> turns.run(this::check));
  }

  private void check() {
    watch = null;
    if (over || outstanding == 0) {
      return;
    }
    if (caller.time().nanos() - heard > 2 * beat.toNanos() + LONGEST_BEAT.toNanos() / 5) {
      broke(NatsErrors.silent(stream));
    } else {
      watch();
    }
  }

  private void came(Message message) {
    if (over) {
      return;
    }
    heard = caller.time().nanos();
    if (!message.isStatusMessage()) {
      outstanding--;
      owner.read(Entry.pulled(message, Delivery.parse(message.getReplyTo())));
      return;
    }
    Status status = message.getStatus();
    String unused = message.hasHeaders() ? message.getHeaders().getFirst("Nats-Pending-Messages") : null;
    if (status.isHeartbeat()) {
      return;
    }
    if (status.getCode() == Status.REQUEST_TIMEOUT_CODE && unused != null) {
      outstanding -= Integer.parseInt(unused);
      owner.unused();
    } else {
      broke(NatsErrors.pull(stream, status.getMessageWithCode()));
    }
  }

  private void broke(TributaryException error) {
    if (!over) {
      close();
      owner.broke(error);
    }
  }

  /** Nothing comes any more. */
  public void close() {
    if (over) {
      return;
    }
    over = true;
    if (inbox != null) {
      inbox.close();
    }
    if (watch != null) {
      watch.cancel();
    }
    if (opened) {
      delete();
    }
  }

  /** It would go by itself after a while. */
  private void delete() {
    link.send("$JS.API.CONSUMER.DELETE." + stream + "." + name, null, NOTHING);
  }
}
