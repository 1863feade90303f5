package dev.tributary.nats.client;

import dev.tributary.nats.wire.Answers;
import dev.tributary.nats.wire.Delivery;
import dev.tributary.nats.wire.Entry;
import dev.tributary.nats.wire.Json;
import dev.tributary.nats.wire.Requests;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.Steps;
import io.nats.client.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The last message of each subject, by a consumer that is made for it: what keys there are, and what they say. */
public final class Snapshot extends CompletableFuture<List<Entry>> {
  private static final int PAGE = 1_000;
  private static final byte[] NOTHING = new byte[0];

  private final Link link;
  private final String stream;
  private final String name = Names.fresh();
  private final List<Entry> entries = new ArrayList<>();
  private long expected = -1;
  private int outstanding;
  private String address = "";

  private Snapshot(Link link, String stream) {
    this.link = link;
    this.stream = stream;
  }

  /** Of the subjects that match; without the bodies if {@code headersOnly}. */
  public static CompletableFuture<List<Entry>> of(NatsCaller caller, String stream, String subjects, boolean headersOnly, Deadline deadline) {
    return Steps.then(caller.link(), link -> new Snapshot(link, stream).begin(caller, subjects, headersOnly, deadline));
  }

  private CompletableFuture<List<Entry>> begin(NatsCaller caller, String subjects, boolean headersOnly, Deadline deadline) {
    Link.Inbox inbox = link.inbox(this::came);
    if (inbox == null) {
      return CompletableFuture.failedFuture(NatsErrors.broken(false));
    }
    Runnable over = () -> completeExceptionally(NatsErrors.broken(false));
    link.whenOver(over);
    whenComplete(
        (done, error) -> {
          link.forget(over);
          inbox.close();
          link.send("$JS.API.CONSUMER.DELETE." + stream + "." + name, null, NOTHING);
        });
    address = inbox.subject();
    Requests.Create create = new Requests.Create(stream, Requests.ConsumerConfiguration.last(name, subjects, headersOnly), "create");
    caller
        .api("CONSUMER.CREATE." + stream + "." + name, create, Answers.Consumer.class, deadline)
        .whenComplete(
            (made, error) -> {
              if (error != null) {
                completeExceptionally(Steps.unwrap(error));
              } else {
                expect(made.numPending());
              }
            });
    return this;
  }

  private synchronized void expect(long count) {
    expected = count;
    more();
  }

  private void more() {
    long left = expected - entries.size();
    if (left <= 0) {
      complete(entries);
    } else if (outstanding == 0) {
      outstanding = (int) Math.min(PAGE, left);
      link.send("$JS.API.CONSUMER.MSG.NEXT." + stream + "." + name, address, Json.bytes(new Requests.Pull(outstanding, null, null, true)));
    }
  }

  private synchronized void came(Message message) {
    if (message.isStatusMessage()) {
      // What was there and was replaced meanwhile comes later, if at all: what came is what there is.
      complete(entries);
      return;
    }
    entries.add(Entry.pulled(message, Delivery.parse(message.getReplyTo())));
    outstanding--;
    more();
  }
}
