/*
 * Direction numbers for the Sobol sequence: the first 512 dimensions of new-joe-kuo-6.21201.
 *
 * From S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci.
 * Comput. 30, 2635-2654 (2008), and "Remark on Algorithm 659", ACM Trans. Math. Softw. 29, 49-57 (2003).
 *
 * Copyright (c) 2008, Frances Y. Kuo and Stephen Joe. All rights reserved.
 * Redistribution and use are permitted under the conditions in LICENSE-JOE-KUO beside this package's manifest.
 */

/** A primitive polynomial over GF(2) and the direction numbers it starts from. */
export interface SobolDimension {
  /** The inner coefficients of the polynomial, as Joe and Kuo's `a`: its degree is the number of `m`. */
  readonly a: number;
  /** The initial direction numbers, odd, m_k < 2^k. */
  readonly m: readonly number[];
}

/** How many dimensions the table holds; the first one needs no entry. */
export const sobolDimensions: number = 512;

/**
 * The entry of a dimension, 1 ≤ dimension < sobolDimensions, counted from 0. (Dimension 0 is van der Corput's sequence.)
 * Each entry of the table is `a` and then (m_k − 1) / 2, in base 36.
 */
export function sobolDimension(dimension: number): SobolDimension {
  const [a, ...halves] = (entries ??= table.replaceAll('\n', '').split(','))[dimension - 1]!.split(' ').map((digits) => parseInt(digits, 36));
  return { a: a!, m: halves.map((half) => 2 * half + 1) };
}

let entries: readonly string[] | undefined;

const table = `
0 0,1 0 1,1 0 1 0,2 0 0 0,1 0 0 1 1,4 0 1 2 6,2 0 0 2 2 8,4 0 0 2 2 2,7 0 0 3 5 9,b 0 0 2 0 0,d 0 0 0 1 5,
e 0 1 2 2 f,1 0 1 1 4 3 o,d 0 0 0 7 a a,g 0 1 0 6 d o,j 0 0 0 7 3 2,m 0 1 0 7 6 c,p 0 0 2 2 9 u,1 0 1 3 5 b 7 1f,
4 0 1 3 6 6 7 y,7 0 0 1 6 3 h v,8 0 1 2 4 0 c q,e 0 1 0 6 4 h 1h,j 0 1 0 2 d u f,l 0 0 2 5 9 k u,s 0 1 2 1 1 6 y,
v 0 0 3 6 0 9 0,w 0 1 3 2 6 9 t,11 0 0 1 4 c e k,15 0 1 2 6 b 0 r,16 0 1 3 1 6 t 8,1e 0 1 0 1 2 q y,1j 0 0 2 2 b g 6,
1k 0 0 3 3 0 u 1p,1n 0 0 3 4 6 u o,1q 0 1 1 2 1 r g,e 0 1 0 7 f 6 o 3e,l 0 1 2 7 f t v 1c,m 0 1 0 5 5 5 12 3g,
12 0 1 0 5 d l z 4,1b 0 0 3 7 a 5 14 m,1d 0 1 3 1 c f w 13,1e 0 1 0 0 9 5 1 2u,1g 0 0 2 4 9 a e 26,
1k 0 1 3 5 0 g 18 2k,1v 0 1 1 1 7 4 13 z,1y 0 1 3 5 7 j 1n d,2c 0 0 1 0 5 f 1c 34,2p 0 0 0 1 b l s 2g,
2v 0 1 3 3 8 8 i z,37 0 1 0 2 d v 1p 2y,3e 0 0 1 2 5 l q 1u,8 0 1 2 2 e 8 n 2e 6n,d 0 1 1 5 1 0 1i 4 y,
g 0 0 0 2 8 j b 2 4r,m 0 1 0 2 c 7 f 1f 6x,p 0 0 0 5 5 8 v 1g 2j,18 0 0 2 5 4 e 1c 37 51,1b 0 0 2 7 9 m k 3 5b,
1g 0 1 3 3 f 9 15 1w 32,1j 0 0 0 1 b 7 1j 33 15,1n 0 0 2 6 f 7 r c 28,1q 0 0 1 6 c n j 17 3k,1v 0 0 0 5 a q 1q 3g 42,
22 0 0 3 5 5 3 s 13 4h,29 0 0 2 2 8 6 14 1 1t,2a 0 0 3 6 b 3 w 3h 6l,2f 0 1 2 0 4 l 1 22 5,2j 0 0 1 6 f 6 6 3j 6r,
2m 0 1 1 0 2 v 18 19 1r,2v 0 0 1 1 0 9 1p 1r 3a,2w 0 0 2 3 b f i 3d 40,31 0 0 2 5 8 q 1m 2j 6t,
3e 0 0 0 2 0 6 6 2w 4s,3g 0 0 1 7 0 s 1l 3 g,3t 0 1 0 5 3 l 14 2v 2f,3u 0 1 0 0 7 d v 3j o,3z 0 1 2 1 d u 1g 2d 48,
41 0 0 2 1 0 1 s 3g 22,48 0 0 1 2 2 s 7 6 27,4d 0 0 0 5 3 5 1g 1y 34,4n 0 1 1 2 d t 1o 1e 3r,4t 0 1 2 4 5 o p t 1l,
4w 0 0 3 0 b m 1q z 5t,51 0 0 1 2 b 2 1g 1i 11,52 0 0 3 7 3 5 x 1o 6a,55 0 1 3 1 4 6 f d 68,5b 0 1 0 7 9 j j 18 7,
5e 0 0 0 0 0 g 10 20 59,5j 0 1 0 7 7 l e 6 6p,62 0 0 3 1 9 d 16 1t 5z,64 0 1 1 1 2 h b 2p 4u,6b 0 1 1 3 4 d j t 44,
6d 0 0 1 4 5 8 6 3c 26,6e 0 1 3 7 c s g 2m 2y,6i 0 0 3 0 4 r 10 15 30,6k 0 1 1 6 9 d b 1k 3g,6p 0 1 2 1 b l 1 3i 6n,
6s 0 0 2 2 5 2 m 1m 30,71 0 1 1 3 e i g 1p 21,4 0 1 0 7 2 2 i 35 33 6d,d 0 0 3 2 2 j v 3j 1v 6r,
j 0 1 0 3 4 3 17 3g 30 8b,m 0 0 1 6 4 n 3 34 51 3f,1e 0 1 3 6 9 6 4 x 4 a8,1j 0 1 2 2 9 t 3 k 4f 9e,
1s 0 0 2 1 f v 7 l 2v ay,1x 0 0 3 4 6 j 1 n 6w 2c,2q 0 1 0 3 a 8 1c 9 5r ck,2z 0 1 3 0 1 f z 1j 2a 1r,
37 0 0 2 5 0 u 15 1n 2t br,3d 0 1 1 6 4 u 9 1c n h,3j 0 0 3 3 7 e v 1b 5s 6i,3q 0 1 0 4 c 4 z s 2y 5c,
3w 0 1 2 6 f n 1e s j 4q,41 0 0 1 1 f s 1q 2e 52 7n,48 0 1 3 0 6 s x 26 69 9t,4e 0 0 0 3 a 6 1g 18 5y de,
4h 0 0 2 4 8 p m 1n 26 1y,4r 0 1 3 3 6 m 19 4 1s aa,51 0 1 3 0 b s x 1y 23 7x,5e 0 0 1 5 8 n 1a 1h 57 26,
5j 0 1 1 2 5 a l p 2c cp,5n 0 0 2 1 7 r 1e x 6b 8o,5s 0 1 2 4 0 b e n 4s 89,6b 0 1 3 3 2 o e 25 4h 86,
6q 0 1 1 3 2 k 1r u 3m 9y,6z 0 1 3 3 8 b 1m x 1s e0,71 0 0 1 6 5 j a 2v 1p 48,7d 0 0 1 4 e 1 1b n 37 10,
7e 0 1 0 4 0 e 1m a 64 3l,7m 0 1 0 6 a j 1q 2x 63 a1,7v 0 0 3 1 8 v 1l 18 o aq,81 0 1 3 6 5 g 1e 1h v 10,
87 0 0 2 2 6 s v 1v 62 2g,8d 0 0 1 3 d v 1a n 5s 6p,8s 0 0 1 0 b e 0 2n o b,8v 0 0 1 7 c r 4 1e 31 8f,
90 0 1 0 3 3 9 p 3h 5g 49,9m 0 1 1 1 c r 8 11 4o 1,9s 0 0 0 6 c 8 w m 6n 5q,a1 0 0 3 3 d o 1d 28 2y a3,
a7 0 1 2 0 b 2 l k 3h bw,am 0 1 1 3 5 u j 17 5b bl,az 0 0 1 7 6 3 e 3 70 ct,b2 0 1 3 0 2 f n 26 66 6y,
b4 0 0 1 3 0 l 4 21 1l 8e,bg 0 1 1 6 2 0 1n 2x 6b dw,bn 0 0 1 2 6 9 1 3d 11 bp,bq 0 1 3 3 0 9 19 3g 4y 86,
bu 0 0 0 4 0 c 1i 2q 3v 5p,bw 0 1 0 7 b s t 1v 2n 11,c1 0 0 2 7 e a j 3i 5b 4u,ce 0 1 1 2 9 m u 23 2r dm,
cm 0 1 2 6 4 u 1h 1y 1y 0,cp 0 1 0 5 d c 16 1g 4a dl,d4 0 1 1 5 9 3 1l 33 4u l,dp 0 0 3 4 a j 1p a 3t cv,
e1 0 0 3 6 7 k n 3d 47 62,e4 0 0 0 3 3 1 7 1d 5o 9z,2 0 1 1 7 d o 1k 1p 1k x 6i,b 0 1 3 5 1 b 17 2c 1n 6p 2r,
l 0 0 2 7 3 8 1i 36 2h 2y aa,m 0 0 2 6 5 8 c 1v 5l 7q jw,z 0 1 0 0 0 u x 2z 2m d4 h9,1d 0 0 3 6 8 g 4 32 5y 30 nb,
1e 0 0 1 5 d 1 7 1a 1a c0 ek,1k 0 1 3 3 c k 1o h 56 59 lh,1p 0 1 1 4 5 h m 2u 3c 4 t,1y 0 1 0 3 1 p 3 2g q dj 18,
22 0 0 1 2 d 0 1k 37 45 aj by,27 0 1 1 7 c e 2 3j 1x cd s7,2c 0 1 0 0 6 4 1i 2o 5t 1b 8,2g 0 0 3 4 1 3 e k 1v bn c1,
2v 0 0 3 4 c o 1p 30 1k cm 2z,2w 0 0 3 1 b 7 l 1u 30 4j ci,34 0 0 1 1 6 q v 1p 6m 9v j9,
37 0 0 1 7 3 e 11 1n 2i da 3f,39 0 0 0 5 d c 1i 23 3p 1d ka,3e 0 1 3 7 2 2 q 20 5 a2 ku,3q 0 1 3 0 4 l z 36 26 8f ph,
3t 0 1 1 6 c 0 2 d 6j 4u 1r,42 0 0 0 0 b i 4 32 3q cg ne,44 0 0 1 1 f e p 9 4b 7o rc,4d 0 1 3 2 2 r 8 j 6l 9b l8,
4e 0 0 3 0 0 h n d 62 5h mp,4i 0 0 3 1 6 b l 1v 4j 1x 5e,4k 0 1 3 1 4 c 19 c 5y 31 74,4o 0 0 1 2 6 e 1n 2s 3u 26 sd,
4t 0 1 2 1 e s 6 8 2b a9 eb,55 0 1 1 2 e a 1b d 3j 9f l9,56 0 1 3 7 4 2 a z u dc go,5b 0 1 2 6 7 s g 1a 6d c1 33,
5d 0 0 0 7 8 l 1r 2n x 2g ew,5j 0 0 0 7 b 3 a 2r 11 42 md,5x 0 1 3 6 7 j a 22 w aa 4f,5y 0 1 3 5 b 6 1e 18 3u 77 9v,
64 0 1 3 7 9 d 16 2t 64 1c qb,6b 0 1 0 1 e c a 25 5 2n 2q,6k 0 0 3 2 d 5 14 1e 6c 9d nf,6q 0 1 0 2 c 2 w 2o k 7v au,
6z 0 1 0 2 5 7 1k 12 5p 9n ff,74 0 0 1 4 5 q 1n 2d r 44 72,77 0 0 0 0 5 j 1k 1x 2a 4t 89,
7d 0 1 3 5 4 8 1e 6 14 4i o2,7e 0 1 0 0 a l 1l 4 1k cl 8y,7o 0 0 3 1 4 c 1m 2q 27 6j 6l,84 0 1 0 4 5 a s 2v 6q 8i n2,
8g 0 0 3 3 d r o 33 18 16 l5,8m 0 0 2 1 9 k m p 67 45 it,8s 0 1 0 6 0 g 1m 1z 4c 2l ew,8v 0 0 3 3 2 5 w 1c 58 58 ku,
8y 0 1 0 0 a h 1b w 1d b h7,94 0 0 2 4 1 i 1b 2b 1l 5w c1,9a 0 1 1 6 0 i d 2m 14 9f aq,9f 0 0 1 5 0 u 1d 38 5y dg o,
9h 0 0 0 3 c v 1d 2a 3e b0 fv,9l 0 0 2 5 5 l r w z 3x 3s,9m 0 0 2 2 4 1 1e 3h 4x 59 md,a2 0 0 0 7 a v 16 1d o ae ij,
a7 0 0 2 6 d 4 1o l 3j 9x 40,ac 0 1 0 2 d 9 8 33 12 7x jn,af 0 0 2 1 6 t 1q 3h 2p 7n o4,ag 0 1 1 7 6 d o 1g 5e dh ah,
al 0 1 2 7 b l h 1h 67 al 3i,ap 0 1 2 5 a 1 8 j 6w 5n 8h,as 0 0 3 6 7 f 1k 8 b 71 rp,aw 0 0 3 7 1 7 f 24 5v 13 6z,
bd 0 0 3 4 9 c b 2d 70 ct rm,bj 0 0 2 4 a d 1o 33 1u 17 9o,bk 0 0 2 2 4 9 1h 1d 4f am ka,
bp 0 0 1 1 9 c 1 1e 2d a4 2l,bw 0 0 1 0 6 b 16 1a 41 2w i,bz 0 0 0 7 c c 12 3i 4m d5 ew,c2 0 0 1 4 8 e r n 3j 48 sa,
c7 0 1 1 4 e v 4 1f 6s d1 l5,ce 0 1 3 7 3 f 18 2f 54 4p 89,cj 0 1 3 6 c 2 z 2v 3h 53 98,cl 0 1 1 1 a c 11 h f 4g m9,
cp 0 0 0 4 5 0 w 2 5 4k 7f,cq 0 0 2 1 9 6 8 l 59 6q 5b,d3 0 1 2 6 6 4 16 21 6s ax fq,d7 0 1 0 0 2 p i 1s 2p 44 or,
da 0 0 1 7 9 s t 2i 6b 9o s8,dg 0 1 3 0 d 4 w 20 4i 2m 2s,dp 0 1 0 7 f b 9 2 6q 82 7h,dq 0 0 3 6 5 7 w 15 2k br bj,
dv 0 1 2 3 3 r 10 7 47 73 qg,dy 0 1 2 4 3 a m 7 5i 5c 8a,ed 0 1 3 1 b 6 10 32 73 c9 hk,ee 0 0 1 5 0 p 10 2k g dj k0,
ek 0 1 1 4 9 t a j 4p i 1z,en 0 0 3 0 f g 9 2b 1m 8t 8v,ff 0 0 0 1 2 6 t 15 4x 4u rb,fk 0 0 0 2 9 1 q 1u 1c bz dn,
fp 0 1 0 6 4 k 19 1g 2e 1c 8o,ft 0 0 2 1 3 o 1l 1u z 37 er,g2 0 0 3 2 8 l n m 6w 7l ai,g4 0 1 2 7 a u 1p 2n 3g f 8r,
gb 0 1 3 4 8 3 5 2k 1r 2c r3,gd 0 0 2 6 5 5 4 o e 1q az,ge 0 0 0 7 f k 6 2b 3s 5y s,gp 0 1 2 1 d 3 h 2w w 3o jc,
gv 0 1 0 6 f 9 q 1z 1v 4 e6,gz 0 0 3 6 f 2 1l 24 1z da 8n,h2 0 0 2 5 c 9 e f 44 d3 65,h5 0 1 1 2 a 5 1r 14 6n c 9p,
h6 0 0 1 5 c f 1c 9 2p au 9s,hd 0 0 2 2 f 5 11 2v 2q ca sa,hg 0 0 0 5 4 b e 37 49 8 ks,hn 0 0 2 5 5 l 1j 38 49 79 hh,
ht 0 0 3 2 0 a 1h 36 4r cy 30,hz 0 0 0 5 1 a 1q 1t 5m 8b ke,i6 0 1 2 2 4 j g 14 5e 23 b9,
ib 0 0 3 3 3 0 t 33 3o 7c s2,ie 0 1 0 1 4 b 16 2i n 3o o,io 0 1 2 5 9 b 4 3 26 45 rj,ir 0 1 0 2 7 2 a 1g e 4p eg,
iy 0 0 0 0 2 g w 16 1j 9s 6n,j0 0 0 0 3 4 h 12 17 23 4g 1e,j5 0 0 2 3 8 0 p 2q 2f b9 h2,
jb 0 1 1 7 b i 16 2k 3b 7j a5,jc 0 1 0 3 3 r 1j 1i 40 63 3d,jt 0 0 3 5 8 q h 30 3l bu n5,
jz 0 1 0 4 0 v 17 8 10 7u f5,k4 0 0 1 1 5 k 0 s 43 3n ea,kd 0 0 2 0 d m 1i 28 5p 5u jd,ke 0 1 2 5 c h n 2n 4p 5s nz,
kk 0 0 2 7 a 0 1a 3h 4v 30 oj,kr 0 1 1 5 1 3 11 25 4c 2x 6t,kt 0 1 1 2 5 4 1e 28 6a co et,
kw 0 0 1 0 7 m 1r 1y 29 a3 m6,kz 0 1 1 3 0 g v 10 10 4q nh,l6 0 1 2 6 7 j q 39 12 1d d6,le 0 0 2 6 f 8 1c 6 2z 46 qr,
lq 0 0 3 0 0 i 19 1a 64 3h fp,ls 0 1 3 4 c 2 1g y 14 d3 k9,lv 0 1 3 5 f l 6 2w d e4 6y,lx 0 0 3 7 0 g f 38 28 71 5d,
m1 0 1 1 2 2 q g 2g 6z 8p qr,m4 0 0 3 5 3 u 1n f 6c 36 q1,mb 0 0 2 7 9 2 q 2s 26 ca eo,md 0 1 3 4 0 h p 1k 3g 5w e0,
mi 0 1 2 3 a q i 25 1n 4s 8r,mn 0 1 2 3 7 f 1i y 6z 89 q3,mw 0 1 1 0 c h w 1t 5l 9s 6z,n1 0 1 3 3 9 g 5 24 m 8s 6x,
n2 0 1 1 2 5 1 e 1a 6r g 9r,n4 0 0 1 7 a q 1h 2h 5d cv oe,nd 0 0 1 3 a m p 21 2f 4e 50,nj 0 0 0 3 3 6 7 3d 3q b1 ra,
nl 0 0 1 2 9 g s 1l 65 7g 8p,nx 0 1 1 4 1 j c u 2k 9y ek,o7 0 1 3 1 3 i 1h 24 3 3q ly,oe 0 0 3 1 3 k 19 k 20 6s ha,
op 0 0 2 4 3 3 1g 14 5l 5n 3x,os 0 0 3 4 d r e 12 2o dd d6,p1 0 0 2 1 c p 1h v 5l cq bb,p8 0 0 3 1 3 u 9 p 6c 8b 7f,
pk 0 1 3 0 b p 1g 24 3b 2z pn,pn 0 0 1 2 d b 13 o 6v m qv,q6 0 0 0 5 5 n r 1u 6v dv ka,qd 0 0 1 7 d p 1a 8 4x al n9,
qe 0 1 0 1 0 1 13 1n 6x 8 dt,qi 0 0 0 0 7 l m 8 2b di b3,qp 0 0 0 1 d o 18 e 6p co s3,qw 0 0 1 1 2 5 11 3 k bt 8h,
qz 0 1 0 1 3 s j 1p 3k 3x 71,r1 0 1 1 5 d b 1k 36 2l 45 1u,r7 0 0 1 6 4 v 1e 12 69 2c 4o,
ra 0 1 3 1 1 t m 2p 36 5r 5o,re 0 1 2 1 5 9 z 1a l bw 54,rq 0 1 3 4 9 g 1l 9 3c 9r 3f,rt 0 1 2 5 2 h a 25 6f dy ew,
s2 0 1 3 1 c 7 1i 15 1a y gi,s4 0 1 2 3 2 a 1a 1u 1v 2b cj,15 0 0 3 3 1 t 1o 28 3y bb ok 1fg,
1g 0 1 0 0 1 n 1f 2d 5a 8g 2k 56,1p 0 1 1 7 b g 1h 1t 64 66 9k sl,1q 0 1 1 5 3 q 1e 2b 61 b5 hf 1gi,
24 0 0 2 5 7 t k 9 1v bl hj 70,2w 0 0 3 5 a o b 31 1r dc es 5c,39 0 1 2 7 3 n 1m 30 m a5 mr a6,
3n 0 0 3 5 d s 19 17 14 h hm dz,3z 0 0 1 5 7 i q 31 2o d0 qd 1fu,41 0 1 2 1 6 5 d 9 2r 5g de uh,
4d 0 1 0 1 2 0 i 2e 5q e7 7o 5o,4n 0 1 0 3 7 e 1p 1b 3j 56 oz 1hc,4r 0 1 2 6 a s p 8 73 2p g2 pf,
4w 0 0 0 7 e 9 3 10 43 77 85 1cx,51 0 0 2 6 6 h 1l 2n 1p 7f 9y n2,5e 0 1 1 2 b a n 3h 59 cs fj 44,
61 0 1 1 4 e q 1o 2s 1v 2o 79 14v,6k 0 0 0 3 e m 1q 4 1d c1 5w 8c,6n 0 1 0 4 6 7 x 2i 1i 42 i4 16r,
7a 0 1 1 4 2 h 7 2w 48 17 an 12t,7v 0 1 1 5 d s 1k 1p 2h 8x 22 79,7y 0 0 1 7 5 8 x 33 v 94 4n 19y,
8j 0 0 0 4 c e 1i 27 j 74 7x og,8p 0 0 1 0 2 v 11 9 6b 8c 1p 9l,8v 0 0 0 1 a 2 m 2c 58 74 r3 zm,
9o 0 0 1 5 1 g 1n y 3i cl b6 k4,9s 0 0 2 6 f 7 8 3 6x u 9j px,9x 0 1 3 5 8 g 10 12 45 3d 8w wk,
av 0 0 3 5 4 h f 39 4z 8z 59 g4,b2 0 1 1 7 f c 2 x g m 62 1kh,b4 0 0 1 5 3 8 i 17 4m 3i l2 14k,
bg 0 0 3 7 3 7 1h 2m 24 ao l4 1bl,bj 0 1 2 6 2 u 1k i 42 5g 1k l,bq 0 0 0 7 e l 1h f 2b 21 46 e6,
c8 0 0 0 6 1 0 h 1a 2p 2i s5 kp,cs 0 1 1 1 6 g 12 2r 24 32 nl 1ez,cx 0 1 2 6 3 o 1p 25 6v 9g bd b8,
d0 0 1 2 7 d u 1m 2m 2j cb 8k 1ka,eb 0 0 0 3 f t 1q 39 5e 54 67 ef,ew 0 1 2 0 2 j 1l 18 3g 58 5z 1g1,
ez 0 0 0 2 3 n t 26 12 66 9p 1br,fb 0 0 1 2 5 a 9 11 5 8b lv a7,fi 0 1 2 1 9 6 k y 2r 1z og 18n,
fn 0 1 2 3 9 l c k k 5 mv 12n,fu 0 1 0 4 9 m 1j 1c 5m 5j 6c 18p,gj 0 0 1 0 b 7 w 1o t do bi vd,
gm 0 0 1 3 8 6 1h 36 11 7n i1 wt,h5 0 0 2 2 a s b 2r 72 1x rv 1ht,hz 0 1 0 5 9 q 7 36 2z aa 9n bf,
i6 0 1 3 0 e 1 8 29 5s 7r 7m 4f,iu 0 1 0 6 8 4 n 1u 52 3 qw ev,jt 0 1 2 3 9 i r 29 46 3g 9k wb,
ki 0 1 2 6 5 b u 2u 3k 58 8j k8,kr 0 1 2 0 b i 6 11 4l 6v 81 1ar,ku 0 0 0 4 0 b o 1s 6l 7j c9 z5,
l1 0 1 0 2 b t p h 4r 9n 31 54,lg 0 1 1 0 d 8 v 1c z 71 qs 8i,mb 0 0 2 0 a f 5 1i 3f 5o p8 u6,
mi 0 0 1 7 b 4 3 2w 46 b 21 nh,mk 0 0 3 2 2 9 i 36 3g 3u fh w2,nm 0 0 0 2 2 v 2 3g 3y 5z 4r y9,
ny 0 0 0 5 3 m h 11 70 7g e 14j,p6 0 1 2 7 5 j 7 v 3n 4 2r 66,p8 0 1 1 1 d v q 2d 35 v ek bh,
pt 0 0 1 6 3 5 1l 2j 2h d0 os 5a,pu 0 1 0 5 6 7 1h 14 q 43 os 1g6,qi 0 1 1 6 5 2 1i 3d 1 70 4h j2,
qs 0 1 1 5 a p 8 2g 5a d0 hj 1i0,ra 0 1 2 4 d c 16 2o 1z 7y gi 15l,rd 0 1 2 5 6 4 14 a 27 d8 19 ob,
rj 0 0 1 1 d u 5 3i 5f 4m fc 8t,rk 0 1 1 7 4 s 1b 14 5t a7 3h fu,tn 0 0 2 4 f j t 6 4f b7 h8 xs,
tq 0 1 1 2 d 6 1h 1y 5v d0 s5 18w,ug 0 1 1 4 4 c 1q b 65 bl ha br,uj 0 0 3 7 8 8 15 1h 5p 3y br lt,
v0 0 0 1 6 e u i 14 4u a3 k6 r6,vr 0 1 3 5 f 6 t 12 3s 87 hk la,wd 0 0 3 3 6 8 c c 2l 4k 4t kg,
wq 0 1 3 3 2 p i 1d 32 24 6z zv,ww 0 1 0 6 9 d 5 y 2i 6n gf 18u,xe 0 1 1 6 b a 1f 21 4h cm d5 4d,
xp 0 1 0 1 b 0 f t 1a 74 m vj,xx 0 1 2 0 3 l 1i t 37 k l1 x4,yg 0 1 0 2 f s o 33 3x e2 5 9q,
ym 0 0 2 0 9 q r f f 45 6v 9m,ys 0 1 1 4 2 g 12 3i 5x az a5 e5,yv 0 1 3 5 0 4 1n 2t q c6 np 1cl,
z7 0 0 1 3 6 j r 27 5v 1k my 1bz,zx 0 0 1 2 a n p t r 5p cx 3h,105 0 1 3 1 f c 14 1l 5m 3b aa 6b,
109 0 0 2 0 f 1 1e 15 6n 6t op uw,110 0 1 1 1 4 i 1h 28 2t 6z an 1bp,11h 0 1 3 4 0 d u 1n 38 j j3 1ks,
12g 0 0 2 4 0 f m p 54 85 5b 132,12o 0 1 3 2 f 3 o 1n 6r 87 ml q,12y 0 0 3 0 4 n 0 33 54 9v m9 qm,
139 0 1 2 1 a i 1j 8 6p a9 gk 12j,13d 0 1 1 3 8 5 p 1m 6b 2n kq 1h2,13j 0 0 2 4 b j 1d 2i 4r 6q 1d qt,
14b 0 1 0 3 e o f z 6s 7b oh 14e,154 0 0 2 5 2 2 10 2m 4g s gj 1f6,15f 0 0 2 7 6 m 1q 2v 55 5r 4d dn,
15r 0 1 1 2 c t g f 3b cr pt 11m,15s 0 1 2 6 d u b 1l u 5q hp 1df,161 0 1 3 7 2 t 1e 14 n df b8 18a,
16q 0 0 2 5 f 7 j c 2e 70 b8 116,16w 0 0 2 4 9 6 1b 18 73 1r jd 14r,16z 0 0 2 2 f m 4 s 19 47 hz 18n,
177 0 1 1 1 9 7 1k 2l 30 6s hu p1,17q 0 0 1 0 6 e s 1x 3j 2q 7g ub,18j 0 1 0 7 5 3 q 3j 6h 4 ai 17z,
18v 0 1 1 7 a 6 4 2m 4z 4h o 4m,18y 0 1 3 5 3 i a 1n 5k 26 n1 eu,199 0 0 2 3 8 g 1l 36 22 23 s5 3v,
19e 0 0 2 7 2 o 12 25 5b 5c rk d4,19g 0 1 3 1 3 r 16 k 4y 7b nt mh,19j 0 0 1 0 a m 1l a 2r df ly 1gv,
1a1 0 0 1 3 a j 1m 2n 2c 10 5q 1bg,1ab 0 0 0 6 0 f s 2p 37 4g 53 e9,1ap 0 1 3 1 5 e n 28 z 5t nw 62,
1b5 0 0 3 1 5 4 l w 26 0 pp bf,1bc 0 0 0 2 a 7 f 1e 42 45 1r ic,1bh 0 0 3 0 d 0 5 36 3c 9s l kh,
1bu 0 1 3 0 2 7 10 2j 2o r io o,1c2 0 1 1 1 9 1 r a 2c 97 n9 1w,1c4 0 0 0 6 3 a y x 56 de ho vn,
1e2 0 0 3 3 a b 8 l 4q bq 6g 1al,1e4 0 1 2 2 c 2 14 1e 38 1x 4z sk,1ef 0 0 1 5 7 j r 1 6j am fv 1iq,
1eq 0 0 3 7 4 s 14 13 2z 60 4m 1hj,1ew 0 0 2 2 9 m 15 f 2w 51 9q i3,1f7 0 1 3 2 0 6 r 29 61 b7 3z s7,
1fd 0 1 1 3 1 1 8 2q j 2c 6s ok,1fr 0 0 1 2 e l 17 28 40 4p h4 wo,1gx 0 1 1 4 a 4 12 0 6a 2b mt ux,
1hk 0 0 3 0 7 3 x g 2o 3c eb wh,1hp 0 1 0 5 0 v m w 3o 96 bs rh,1hv 0 1 0 6 9 o 1 5 27 2y 95 13f,
1iw 0 1 2 5 4 e d 35 3i 68 jh 1bl,1jg 0 0 1 0 3 1 12 1z 3u at kt 6l,1jx 0 0 0 2 5 b 17 1t 5g bs 2o 18a,
1jy 0 1 2 5 1 1 18 4 68 3d ku o5,1k4 0 1 0 4 e e 1k 7 w 8h 1v 1f7,d 0 0 0 4 a 9 j 23 5h 6y il db 11u,
j 0 1 3 0 3 h m g 1n 34 mn nj k9,q 0 0 0 1 c r i 13 2b cl ex 3r 1kd,15 0 1 2 6 2 6 q 2a 62 x no 184 34f,
1e 0 1 1 6 d s 1b r 65 3e r0 ny qs,1j 0 1 0 4 2 g 1i h 1d bh 4q xc xh,1x 0 0 2 4 3 g l j 17 b3 8t 1cc 2rf,
1y 0 1 0 0 f 7 m d 4o 1k dp so z4,27 0 0 2 4 2 7 1g 1p 6n 40 mc u8 1sa,2a 0 1 2 5 f n 1c 17 5c 2p eg 91 19f,
2f 0 0 1 3 8 1 1e r 17 8q nf j9 124,2l 0 1 2 2 3 a 4 3a 4c 7m fd 1m 2dv,2m 0 0 1 4 4 2 r 2s 6r bt fb 15k 1kb,
2p 0 0 2 4 f 9 t 3 51 5a g7 sk 27d,2s 0 1 1 7 b v 9 35 5d bh 6r ek 2vr,34 0 1 0 2 b c u 3e 51 bz dd 1dr 2hx,
3d 0 0 2 0 2 d 14 16 3t o 39 19p gl,3q 0 0 2 3 b q 16 1h 73 at hk f6 315,3u 0 1 1 0 4 a 11 31 t 6q o5 1he fe,
44 0 1 2 0 6 k 9 1z 42 5f s3 ov 1p3,47 0 1 3 7 a 6 a 2p 2z 5q 79 t5 wi,4d 0 0 0 1 e p n s 1v 7z d3 n8 7i,
4h 0 1 2 0 4 6 1k 2f 67 1l 94 1km 2ay,4z 0 0 0 5 8 k i 1b 44 81 cn un x5,51 0 1 2 1 b 5 b 37 1a 99 9v lp 32k,
58 0 0 3 1 8 t 6 2i 1y dr p8 6c nr,5g 0 1 1 2 f t 14 2u 3e 7g ek du p7,5n 0 1 3 2 8 6 4 13 8 2k 2 up 2ez,
5q 0 1 3 6 3 q u 20 6 3y gp d5 14q,67 0 0 3 1 f 9 y 30 n 64 qa 9c 1pt,68 0 0 0 0 c 4 b 34 5c 8q 8d 1g1 1mw
`;
