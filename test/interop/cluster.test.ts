// Three brokers on each coordination service, one after the other.
import { describe } from 'node:test'
import { etcdStore, zooKeeperStore } from '../support/cluster.js'
import { clusterSuite } from './cluster-suite.js'

describe('three brokers on etcd', () => clusterSuite(etcdStore))
describe('three brokers on ZooKeeper', () => clusterSuite(zooKeeperStore))
