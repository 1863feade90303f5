package dev.tributary.vertx.internal.goqueue.shipped;

import dev.tributary.spi.TimeSource;
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Deliveries;
import dev.tributary.vertx.internal.goqueue.client.GroupDeliveries;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Publisher;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Receipts;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.net.Network;
import java.time.Duration;

/**
 * The parts of the client that are safe with the published server: each does what the plain one does, unless the endpoint at hand speaks with
 * faults. The day there is no such server, the driver takes the plain parts, and this room is deleted.
 */
public final class Shipped {
  private final Api api;
  private final Topics topics;
  private final Groups groups;
  private final Network network;
  private final Reading reading;
  private final Publisher publisher;
  private final Delays delays;

  public Shipped(Api api, Topics topics, Groups groups, Network network) {
    this.api = api;
    this.topics = topics;
    this.groups = groups;
    this.network = network;
    this.reading = new ShippedReading(api, topics);
    this.publisher = new ShippedPublisher(api, topics);
    this.delays = new ShippedDelays(api, topics, network.time());
  }

  public Reading reading() {
    return reading;
  }

  public Publisher publisher() {
    return publisher;
  }

  public Delays delays() {
    return delays;
  }

  /**
   * Jobs of topics.
   *
   * @param queueGroup the name for people of the group that shares them
   * @param heartbeat how often a member says that it lives
   */
  public Deliveries.Factory deliveries(String queueGroup, Duration heartbeat, Receipts receipts) {
    TimeSource time = network.time();
    Duration timeout = network.config().timeout();
    return (topic, member, again) -> {
      String group = groups.wire(queueGroup, topic);
      Deliveries declared = new GroupDeliveries(api, time, receipts, group, member);
      LateJobs late = new LateJobs(api, groups, reading, publisher, delays, receipts, time, timeout, queueGroup, heartbeat, topic);
      Progress progress = new Progress(api, groups, topics, reading, delays, late, time, timeout, group, topic, member);
      return new ShippedDeliveries(declared, api, groups, receipts, network, group, topic, member, late, progress, again);
    };
  }
}
