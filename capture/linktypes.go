package capture

import "fmt"

// Link types that are read, as tcpdump.org/linktypes.html numbers them; raw IP has numbers of its own on
// some systems.
const (
	linkNull                = 0
	linkEthernet            = 1
	linkTokenRing           = 6
	linkSLIP                = 8
	linkPPP                 = 9
	linkFDDI                = 10
	linkRawBSD              = 12
	linkRawOpenBSD          = 14
	linkPPPSerial           = 50
	linkPPPoE               = 51
	linkATM                 = 100
	linkRaw                 = 101
	linkCiscoHDLC           = 104
	linkWiFi                = 105
	linkFrameRelay          = 107
	linkLoop                = 108
	linkENC                 = 109
	linkSLL                 = 113
	linkPFLOG               = 117
	linkPrism               = 119
	linkFibreChannel        = 122
	linkSunATM              = 123
	linkRadiotap            = 127
	linkTZSP                = 128
	linkArcnet              = 129
	linkIEEE1394            = 138
	linkUser2               = 149 // private use, where old macOS put PKTAP
	linkAVS                 = 163
	linkJuniperPPPoE        = 167
	linkJuniperEthernet     = 178
	linkJuniperPPP          = 179
	linkJuniperFrameRelay   = 180
	linkJuniperCiscoHDLC    = 181
	linkPPI                 = 192
	linkERF                 = 197
	linkPPPDirection        = 204
	linkCiscoHDLCDirection  = 205
	linkFrameRelayDirection = 206
	linkMPLS                = 219
	linkIPNET               = 226
	linkIPv4                = 228
	linkIPv6                = 229
	linkNFLOG               = 239
	linkIPoIB               = 242
	linkInfiniBand          = 247
	linkPKTAP               = 258
	linkSLL2                = 276
	linkBRCM                = 281
	linkBRCMPrepended       = 282
	linkDSA                 = 284
	linkEDSA                = 285
)

// EtherTypes that are looked at.
const (
	etherIPv4          = 0x0800
	etherARP           = 0x0806
	etherBridging      = 0x6558
	etherVLAN          = 0x8100
	etherTRILL         = 0x22f3
	etherIPv6          = 0x86dd
	etherPPP           = 0x880b
	etherMPLS          = 0x8847
	etherMPLSMulticast = 0x8848
	etherPPPoE         = 0x8864
	etherJumboLLC      = 0x8870
	etherQinQ          = 0x88a8
	etherMACsec        = 0x88e5
	etherBackbone      = 0x88e7
	etherFabricPath    = 0x8903
	etherMetadata      = 0x8909
	etherVNTag         = 0x8926
	etherHSR           = 0x892f
	etherETag          = 0x893f
	etherNSH           = 0x894f
	etherQinQ1         = 0x9100
	etherQinQ2         = 0x9200
	etherQinQ3         = 0x9300
	etherRTag          = 0xf1c1
)

// linkName names a link type the way tcpdump does, or by its number.
func linkName(link uint16) string {
	if name, ok := linkNames[link]; ok {
		return name
	}
	return fmt.Sprintf("%d", link)
}

// linkNames are the names of tcpdump.org/linktypes.html without their prefix.
var linkNames = map[uint16]string{
	0: "NULL", 1: "EN10MB", 2: "EN3MB", 3: "AX25", 6: "IEEE802", 7: "ARCNET", 8: "SLIP", 9: "PPP", 10: "FDDI",
	12: "RAW", 14: "RAW", 50: "PPP_SERIAL", 51: "PPP_ETHER", 99: "SYMANTEC_FIREWALL", 100: "ATM_RFC1483",
	101: "RAW", 104: "C_HDLC", 105: "IEEE802_11", 106: "ATM_CLIP", 107: "FRELAY", 108: "LOOP", 109: "ENC",
	112: "CISCO_IOS_HDLC", 113: "LINUX_SLL", 114: "LTALK", 117: "PFLOG", 118: "CISCO_IOS", 119: "PRISM_HEADER",
	122: "IP_OVER_FC", 123: "SUNATM", 127: "IEEE802_11_RADIO", 128: "TZSP", 129: "ARCNET_LINUX", 138: "APPLE_IP_OVER_IEEE1394",
	139: "MTP2_WITH_PHDR", 140: "MTP2", 141: "MTP3", 142: "SCCP", 143: "DOCSIS", 144: "LINUX_IRDA",
	147: "USER0", 148: "USER1", 149: "USER2", 150: "USER3", 163: "IEEE802_11_RADIO_AVS", 165: "BACNET_MS_TP",
	164: "JUNIPER_MONITOR", 166: "PPP_PPPD", 167: "JUNIPER_PPPOE", 177: "LINUX_LAPD", 178: "JUNIPER_ETHER", 179: "JUNIPER_PPP", 180: "JUNIPER_FRELAY", 181: "JUNIPER_CHDLC", 182: "MFR",
	187: "BLUETOOTH_HCI_H4", 189: "USB_LINUX", 192: "PPI", 195: "IEEE802_15_4_WITHFCS", 196: "SITA", 197: "ERF",
	199: "IPMB_LINUX", 201: "BLUETOOTH_HCI_H4_WITH_PHDR", 202: "AX25_KISS", 203: "LAPD", 204: "PPP_WITH_DIR",
	205: "C_HDLC_WITH_DIR", 206: "FRELAY_WITH_DIR", 209: "IPMB_LINUX", 212: "LINUX_LAPD", 215: "IEEE802_15_4_NONASK_PHY",
	219: "MPLS", 220: "USB_LINUX_MMAPPED", 224: "FC_2", 225: "FC_2_WITH_FRAME_DELIMS", 226: "IPNET", 227: "CAN_SOCKETCAN",
	228: "IPV4", 229: "IPV6", 230: "IEEE802_15_4_NOFCS", 231: "DBUS", 235: "DVB_CI", 236: "MUX27010",
	237: "STANAG_5066_D_PDU", 239: "NFLOG", 240: "NETANALYZER", 241: "NETANALYZER_TRANSPARENT", 242: "IPOIB",
	243: "MPEG_2_TS", 244: "NG40", 245: "NFC_LLCP", 247: "INFINIBAND", 248: "SCTP", 249: "USBPCAP",
	250: "RTAC_SERIAL", 251: "BLUETOOTH_LE_LL", 252: "WIRESHARK_UPPER_PDU", 253: "NETLINK", 254: "BLUETOOTH_LINUX_MONITOR",
	255: "BLUETOOTH_BREDR_BB", 256: "BLUETOOTH_LE_LL_WITH_PHDR", 257: "PROFIBUS_DL", 258: "PKTAP", 259: "EPON",
	260: "IPMI_HPM_2", 261: "ZWAVE_R1_R2", 262: "ZWAVE_R3", 263: "WATTSTOPPER_DLM", 264: "ISO_14443", 265: "RDS",
	266: "USB_DARWIN", 268: "SDLC", 270: "LORATAP", 271: "VSOCK", 272: "NORDIC_BLE", 273: "DOCSIS31_XRA31",
	274: "ETHERNET_MPACKET", 275: "DISPLAYPORT_AUX", 276: "LINUX_SLL2", 278: "OPENVIZSLA", 279: "EBHSCR",
	280: "VPP_DISPATCH", 281: "DSA_TAG_BRCM", 282: "DSA_TAG_BRCM_PREPEND", 283: "IEEE802_15_4_TAP",
	284: "DSA_TAG_DSA", 285: "DSA_TAG_EDSA", 286: "ELEE", 287: "Z_WAVE_SERIAL", 288: "USB_2_0", 289: "ATSC_ALP",
	290: "ETW",
}

// withoutTCP are EtherTypes of protocols that are known and carry no TCP.
var withoutTCP = map[uint16]bool{
	0x0200: true, 0x0201: true, 0x05ff: true, 0x0600: true, 0x0804: true, 0x0805: true, 0x0842: true, // PUP, VMware, XNS, Chaosnet, X.25, Wake-on-LAN
	0x0bad: true, 0x0baf: true, 0x2000: true, 0x2004: true, 0x22ea: true, 0x22f0: true, // VINES, CDP, DTP, SRP, AVTP
	0x6001: true, 0x6002: true, 0x6003: true, 0x6004: true, 0x6007: true, 0x8035: true, 0x809b: true, // DEC, RARP, AppleTalk
	0x80d5: true, 0x80f3: true, 0x8102: true, 0x8137: true, 0x8138: true, 0x814c: true, 0x8204: true, // SNA, AARP, SLPP, IPX, SNMP, QNX
	0x8808: true, 0x8809: true, 0x8819: true, 0x8863: true, 0x886d: true, 0x887b: true, 0x888e: true, // pause, slow protocols, CobraNet, PPPoE discovery, HomePlug, EAPOL
	0x8892: true, 0x889a: true, 0x88a2: true, 0x88a4: true, 0x88ab: true, 0x88b8: true, 0x88b9: true, // PROFINET, HyperSCSI, AoE, EtherCAT, POWERLINK, GOOSE, GSE
	0x88ba: true, 0x88bf: true, 0x88c7: true, 0x88cc: true, 0x88cd: true, 0x88dc: true, 0x88e1: true, // SV, MikroTik, pre-authentication, LLDP, SERCOS, WSMP, HomePlug AV
	0x88e3: true, 0x88f5: true, 0x88f6: true, 0x88f7: true, 0x88f8: true, 0x88fb: true, 0x8902: true, // MRP, MVRP, MMRP, PTP, NC-SI, PRP, CFM
	0x8906: true, 0x8914: true, 0x8915: true, 0x891d: true, 0x9000: true, 0x9003: true, // FCoE, RoCE, TTEthernet, loopback test
}
